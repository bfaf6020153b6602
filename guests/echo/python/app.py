"""Returns its parameters, an object or an array, and writes to both streams.

The two lines are what OpenWhisk's own test of an echo action looks for.
"""

import sys


def main(parameters):
    print("hello stdout")
    print("hello stderr", file=sys.stderr)
    return parameters
