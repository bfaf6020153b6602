"""Returns random bytes of the platform."""

import os

from wow_action import Error

MAX_BYTES = 1024


def main(parameters):
    count = parameters["bytes"]
    if count > MAX_BYTES:
        raise Error(f"{count} bytes are more than {MAX_BYTES}")
    return {"hex": os.urandom(count).hex()}
