"""The hash function BLAKE3, as its paper has it, without keys: 32 bytes of any number of bytes."""

from struct import pack, unpack

CHUNK = 1024
BLOCK = 64

CHUNK_START = 1
CHUNK_END = 2
PARENT = 4
ROOT = 8

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
MIXES = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip
WORD = 0xFFFFFFFF


def blake3(data):
    return pack("<8I", *subtree(data, 0, ROOT))


def subtree(data, chunk, flags):
    """The chaining value of some chunks: of one itself, of more as a parent of two subtrees, the left one full."""
    if len(data) <= CHUNK:
        return chunk_value(data, chunk, flags)
    left = CHUNK
    while left * 2 < len(data):
        left *= 2
    message = subtree(data[:left], chunk, 0) + subtree(data[left:], chunk + left // CHUNK, 0)
    return compress(IV, message, 0, BLOCK, PARENT | flags)


def chunk_value(data, chunk, flags):
    value = IV
    for at in range(0, max(len(data), 1), BLOCK):
        block = data[at : at + BLOCK]
        start = CHUNK_START if at == 0 else 0
        end = CHUNK_END | flags if at + BLOCK >= len(data) else 0
        message = unpack("<16I", block.ljust(BLOCK, b"\0"))
        value = compress(value, message, chunk, len(block), start | end)
    return value


def compress(value, message, counter, size, flags):
    """The chaining value after a block."""
    state = [*value, *IV[:4], counter & WORD, counter >> 32, size, flags]
    for _ in range(7):
        for at, (a, b, c, d) in enumerate(MIXES):
            mix(state, a, b, c, d, message[2 * at], message[2 * at + 1])
        message = tuple(message[at] for at in PERMUTATION)
    return tuple(state[at] ^ state[at + 8] for at in range(8))


def mix(state, a, b, c, d, x, y):
    state[a] = state[a] + state[b] + x & WORD
    state[d] = rotated(state[d] ^ state[a], 16)
    state[c] = state[c] + state[d] & WORD
    state[b] = rotated(state[b] ^ state[c], 12)
    state[a] = state[a] + state[b] + y & WORD
    state[d] = rotated(state[d] ^ state[a], 8)
    state[c] = state[c] + state[d] & WORD
    state[b] = rotated(state[b] ^ state[c], 7)


def rotated(word, by):
    return (word >> by | word << 32 - by) & WORD
