"""Ends in every way in which an action can end without an answer."""

import os
import sys


def main(parameters):
    """What is given happens, the first of it only."""
    if (message := parameters.get("message")) is not None:
        # The language has no panic: an exception would be an answer.
        print(message, file=sys.stderr)
        os.abort()
    if (status := parameters.get("exit")) is not None:
        sys.exit(status)
    if parameters.get("overflow_stack"):
        recurse(0)
    held = [bytearray(b"\1") * (1 << 20) for _ in range(parameters.get("memory_mb", 0))]
    del held
    return {"survived": True}


def recurse(depth):
    return recurse(depth + 1) + depth
