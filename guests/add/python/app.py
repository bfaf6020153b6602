"""Adds two numbers."""

from wow_action import Error


def main(parameters):
    a, b = whole(parameters, "a"), whole(parameters, "b")
    if not -(2**63) <= a + b < 2**63:
        raise Error(f"the sum of {a} and {b} does not fit in 64 bits")
    return {"sum": a + b}


def whole(parameters, name):
    # `True` is an `int` in Python, and no number in JSON.
    if type(value := parameters.get(name)) is int:
        return value
    raise Error(f"{name} is no whole number")
