"""Reads the wall clock, and the monotonic clock often enough to see it go back if it did."""

import time

READINGS = 1000


def main(_parameters):
    unix_ms = time.time_ns() // 1_000_000
    readings = [time.monotonic_ns() for _ in range(READINGS)]
    return {
        "unix_ms": unix_ms,
        "monotonic_ms_elapsed": (readings[-1] - readings[0]) / 1e6,
        "monotonic_went_back": readings != sorted(readings),
    }
