// The hash function BLAKE3, as its paper has it, without keys: 32 bytes of any number of bytes.

const CHUNK = 1024;
const BLOCK = 64;

const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;

const IV = Uint32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const MIXES = [
  [0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15],
  [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14],
];

export function blake3(bytes) {
  return littleEndian(subtree(bytes, 0, ROOT));
}

/** The chaining value of some chunks: of one itself, of more as a parent of two subtrees, the left one full. */
function subtree(bytes, chunk, flags) {
  if (bytes.length <= CHUNK) return chunkValue(bytes, chunk, flags);
  let left = CHUNK;
  while (left * 2 < bytes.length) left *= 2;
  const message = new Uint32Array(16);
  message.set(subtree(bytes.subarray(0, left), chunk, 0));
  message.set(subtree(bytes.subarray(left), chunk + left / CHUNK, 0), 8);
  return compress(IV, message, 0, BLOCK, PARENT | flags);
}

function chunkValue(bytes, chunk, flags) {
  let value = IV;
  let at = 0;
  do {
    const block = new Uint8Array(BLOCK);
    block.set(bytes.subarray(at, at + BLOCK));
    const start = at === 0 ? CHUNK_START : 0;
    const end = at + BLOCK >= bytes.length ? CHUNK_END | flags : 0;
    value = compress(value, words(block), chunk, Math.min(BLOCK, bytes.length - at), start | end);
    at += BLOCK;
  } while (at < bytes.length);
  return value;
}

/** The chaining value after a block. */
function compress(value, message, counter, size, flags) {
  const state = new Uint32Array(16);
  state.set(value);
  state.set(IV.subarray(0, 4), 8);
  // A counter beyond 2^32 would be of 4 TB.
  state.set([counter, 0, size, flags], 12);
  for (let round = 0; round < 7; round++) {
    MIXES.forEach(([a, b, c, d], at) => mix(state, a, b, c, d, message[2 * at], message[2 * at + 1]));
    message = Uint32Array.from(PERMUTATION, (at) => message[at]);
  }
  return Uint32Array.from({ length: 8 }, (_, at) => state[at] ^ state[at + 8]);
}

function mix(state, a, b, c, d, x, y) {
  state[a] += state[b] + x;
  state[d] = rotated(state[d] ^ state[a], 16);
  state[c] += state[d];
  state[b] = rotated(state[b] ^ state[c], 12);
  state[a] += state[b] + y;
  state[d] = rotated(state[d] ^ state[a], 8);
  state[c] += state[d];
  state[b] = rotated(state[b] ^ state[c], 7);
}

function rotated(word, by) {
  return (word >>> by) | (word << (32 - by));
}

function words(bytes) {
  const view = new DataView(bytes.buffer);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(at * 4, true));
}

function littleEndian(words) {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, at) => view.setUint32(at * 4, word, true));
  return new Uint8Array(view.buffer);
}
