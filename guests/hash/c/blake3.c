#include "blake3.h"
#include <string.h>

enum { CHUNK = 1024, BLOCK = 64 };
enum { CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8 };

static const uint32_t IV[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
static const uint8_t PERMUTATION[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
static const uint8_t MIXES[8][4] = {{0, 4, 8, 12}, {1, 5, 9, 13}, {2, 6, 10, 14}, {3, 7, 11, 15},
                                    {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13}, {3, 4, 9, 14}};

static uint32_t rotated(uint32_t word, int by) { return word >> by | word << (32 - by); }

static void mix(uint32_t *state, const uint8_t at[4], uint32_t x, uint32_t y) {
    uint32_t *a = state + at[0], *b = state + at[1], *c = state + at[2], *d = state + at[3];
    *a += *b + x;
    *d = rotated(*d ^ *a, 16);
    *c += *d;
    *b = rotated(*b ^ *c, 12);
    *a += *b + y;
    *d = rotated(*d ^ *a, 8);
    *c += *d;
    *b = rotated(*b ^ *c, 7);
}

/* Replaces the chaining value by that of the message's block. */
static void compress(uint32_t value[8], const uint32_t block[16], uint64_t counter, uint32_t size,
                     uint32_t flags) {
    uint32_t state[16], message[16], permuted[16];
    memcpy(state, value, 32);
    memcpy(state + 8, IV, 16);
    state[12] = (uint32_t)counter;
    state[13] = (uint32_t)(counter >> 32);
    state[14] = size;
    state[15] = flags;
    memcpy(message, block, sizeof message);
    for (int round = 0; round < 7; round++) {
        for (int i = 0; i < 8; i++) mix(state, MIXES[i], message[2 * i], message[2 * i + 1]);
        for (int i = 0; i < 16; i++) permuted[i] = message[PERMUTATION[i]];
        memcpy(message, permuted, sizeof message);
    }
    for (int i = 0; i < 8; i++) value[i] = state[i] ^ state[i + 8];
}

static void chunk_value(const uint8_t *bytes, size_t length, uint64_t chunk, uint32_t flags,
                        uint32_t value[8]) {
    memcpy(value, IV, sizeof IV);
    size_t at = 0;
    do {
        size_t size = length - at < BLOCK ? length - at : BLOCK;
        /* WebAssembly's byte order is BLAKE3's. */
        uint32_t message[16] = {0};
        memcpy(message, bytes + at, size);
        uint32_t start = at == 0 ? CHUNK_START : 0;
        uint32_t end = at + BLOCK >= length ? CHUNK_END | flags : 0;
        compress(value, message, chunk, (uint32_t)size, start | end);
        at += BLOCK;
    } while (at < length);
}

/* The chaining value of some chunks: of one itself, of more as a parent of two subtrees, the left one full. */
static void subtree(const uint8_t *bytes, size_t length, uint64_t chunk, uint32_t flags,
                    uint32_t value[8]) {
    if (length <= CHUNK) {
        chunk_value(bytes, length, chunk, flags, value);
        return;
    }
    size_t left = CHUNK;
    while (left * 2 < length) left *= 2;
    uint32_t message[16];
    subtree(bytes, left, chunk, 0, message);
    subtree(bytes + left, length - left, chunk + left / CHUNK, 0, message + 8);
    memcpy(value, IV, sizeof IV);
    compress(value, message, 0, BLOCK, PARENT | flags);
}

void blake3(const uint8_t *bytes, size_t length, uint8_t hash[32]) {
    uint32_t value[8];
    subtree(bytes, length, 0, ROOT, value);
    memcpy(hash, value, sizeof value);
}
