"""Counts the primes up to a limit with the sieve of Eratosthenes: work for processor and memory."""

from wow_action import Error

# One byte of memory a number.
MAX_LIMIT = 100_000_000


def main(parameters):
    limit = parameters["limit"]
    if limit > MAX_LIMIT:
        raise Error(f"the limit {limit} is more than {MAX_LIMIT}")
    composite = bytearray(limit + 1)
    count, largest = 0, None
    for n in range(2, limit + 1):
        if composite[n]:
            continue
        count, largest = count + 1, n
        if n * n <= limit:
            composite[n * n :: n] = b"\1" * len(range(n * n, limit + 1, n))
    return {"count": count, "largest": largest}
