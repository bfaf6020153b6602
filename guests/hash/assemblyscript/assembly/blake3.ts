// The hash function BLAKE3, as its paper has it, without keys: 32 bytes of any number of bytes.

const CHUNK: i32 = 1024;
const BLOCK: i32 = 64;

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;

const IV: StaticArray<u32> = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const PERMUTATION: StaticArray<u8> = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/** The state of the compression, its message, and the message permuted. */
const state = new StaticArray<u32>(16);
let message = new StaticArray<u32>(16);
let permuted = new StaticArray<u32>(16);

export function blake3(input: Uint8Array): Uint8Array {
  const value = subtree(input, 0, input.length, 0, ROOT);
  const hash = new Uint8Array(32);
  memory.copy(hash.dataStart, changetype<usize>(value), 32);
  return hash;
}

/** The chaining value of some chunks: of one itself, of more as a parent of two subtrees, the left one full. */
function subtree(input: Uint8Array, from: i32, to: i32, chunk: u64, flags: u32): StaticArray<u32> {
  const length = to - from;
  if (length <= CHUNK) return chunkValue(input, from, length, chunk, flags);
  let left = CHUNK;
  while (left * 2 < length) left *= 2;
  const first = subtree(input, from, from + left, chunk, 0);
  const second = subtree(input, from + left, to, chunk + left / CHUNK, 0);
  for (let i = 0; i < 8; i++) {
    message[i] = first[i];
    message[i + 8] = second[i];
  }
  const value = StaticArray.fromArray(IV.slice());
  compress(value, 0, BLOCK, PARENT | flags);
  return value;
}

function chunkValue(input: Uint8Array, from: i32, length: i32, chunk: u64, flags: u32): StaticArray<u32> {
  const value = StaticArray.fromArray(IV.slice());
  let at = 0;
  do {
    const size = min(BLOCK, length - at);
    memory.fill(changetype<usize>(message), 0, BLOCK);
    memory.copy(changetype<usize>(message), input.dataStart + from + at, size);
    const start = at == 0 ? CHUNK_START : 0;
    const end = at + BLOCK >= length ? CHUNK_END | flags : 0;
    compress(value, chunk, size, start | end);
    at += BLOCK;
  } while (at < length);
  return value;
}

/** Replaces the chaining value by that of the message's block. */
function compress(value: StaticArray<u32>, counter: u64, size: i32, flags: u32): void {
  for (let i = 0; i < 8; i++) state[i] = value[i];
  for (let i = 0; i < 4; i++) state[i + 8] = IV[i];
  state[12] = <u32>counter;
  state[13] = <u32>(counter >> 32);
  state[14] = size;
  state[15] = flags;
  for (let round = 0; round < 7; round++) {
    mix(0, 4, 8, 12, 0);
    mix(1, 5, 9, 13, 2);
    mix(2, 6, 10, 14, 4);
    mix(3, 7, 11, 15, 6);
    mix(0, 5, 10, 15, 8);
    mix(1, 6, 11, 12, 10);
    mix(2, 7, 8, 13, 12);
    mix(3, 4, 9, 14, 14);
    for (let i = 0; i < 16; i++) unchecked((permuted[i] = message[PERMUTATION[i]]));
    const last = message;
    message = permuted;
    permuted = last;
  }
  for (let i = 0; i < 8; i++) value[i] = state[i] ^ state[i + 8];
}

// @ts-ignore: decorator
@inline
function mix(a: i32, b: i32, c: i32, d: i32, at: i32): void {
  let va = unchecked(state[a] + state[b] + message[at]);
  let vd = rotr<u32>(unchecked(state[d]) ^ va, 16);
  let vc = unchecked(state[c]) + vd;
  let vb = rotr<u32>(unchecked(state[b]) ^ vc, 12);
  va += vb + unchecked(message[at + 1]);
  vd = rotr<u32>(vd ^ va, 8);
  vc += vd;
  vb = rotr<u32>(vb ^ vc, 7);
  unchecked((state[a] = va));
  unchecked((state[b] = vb));
  unchecked((state[c] = vc));
  unchecked((state[d] = vd));
}
