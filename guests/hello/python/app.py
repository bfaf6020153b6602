"""Greets by name."""

from wow_action import Error


def main(parameters):
    name = parameters.get("name", "World")
    if not isinstance(name, str):
        raise Error("the name is no string")
    return {"greeting": f"Hello, {name}!"}
