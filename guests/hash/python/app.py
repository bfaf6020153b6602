"""Hashes a text with BLAKE3, then its hash, and so on: work for the processor and nothing else."""

from blake3 import blake3
from wow_action import Error


def main(parameters):
    iterations = parameters["iterations"]
    if iterations < 1:
        raise Error("no iteration makes no hash")
    digest = parameters.get("input", "").encode()
    for _ in range(iterations):
        digest = blake3(digest)
    return {"hash": digest.hex()}
