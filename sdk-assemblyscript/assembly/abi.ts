// The canonical ABI. With the encoding UTF-16 a canonical string is an AssemblyScript string: nothing is copied.
// Knows neither JSON nor WASI.
import { OBJECT, TOTAL_OVERHEAD } from "rt/common";

/**
 * What the host asks for memory. Every block is pinned until it is lifted: a later call may run the
 * collector while the block is reachable from nowhere.
 */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  if (!oldSize) {
    if (!size) return align; // not null, aligned, and never read
    // Only a UTF-16 string has an alignment of 2.
    return __pin(__new(size, align == 2 ? idof<String>() : idof<ArrayBuffer>()));
  }
  // A host that transcodes asks for the worst case, then shrinks. Not unpinned first: `__renew` may collect.
  const moved = __renew(old, size);
  if (moved != old) {
    __unpin(old);
    __pin(moved);
  }
  return moved;
}

/** Shortens an object; its block keeps its size. */
// @ts-ignore: decorator
@inline
export function setSize(block: usize, size: usize): void {
  changetype<OBJECT>(block - TOTAL_OVERHEAD).rtSize = <u32>size;
}

/** A string that the host wrote, of `length` code units: from here on an ordinary object. */
export function liftString(pointer: usize, length: usize): string {
  if (!length) return "";
  setSize(pointer, length << 1);
  __unpin(pointer);
  return changetype<string>(pointer);
}

/** A `list<u8>` that the host wrote. */
export function liftBytes(pointer: usize, length: usize): ArrayBuffer {
  if (!length) return new ArrayBuffer(0);
  setSize(pointer, length);
  __unpin(pointer);
  return changetype<ArrayBuffer>(pointer);
}

/** Lets go of a list whose elements were lifted. */
export function releaseList(pointer: usize, length: usize): void {
  if (length) __unpin(pointer);
}

const SURROGATES: u64 = 0xd800_d800_d800_d800;
const SURROGATE_BITS: u64 = 0xf800_f800_f800_f800;
const ONES: u64 = 0x0001_0001_0001_0001;
const TOPS: u64 = 0x8000_8000_8000_8000;

/**
 * A text that is Unicode: a lone surrogate, which a string may hold, would trap at the edge. U+FFFD
 * replaces it. A text that has none is returned itself.
 */
export function wellFormed(text: string): string {
  const start = changetype<usize>(text);
  const end = start + (<usize>text.length << 1);
  let at = start;
  // Four units at a time: is one of them in D800…DFFF?
  while (at + 8 <= end) {
    const units = (load<u64>(at) & SURROGATE_BITS) ^ SURROGATES;
    if ((units - ONES) & ~units & TOPS) break;
    at += 8;
  }
  at = firstLone(at, end);
  if (at == end) return text;
  const size = end - start;
  const copy = __new(size, idof<String>());
  memory.copy(copy, start, size);
  let lone = copy + (at - start);
  while (lone < copy + size) {
    store<u16>(lone, 0xfffd);
    lone = firstLone(lone + 2, copy + size);
  }
  return changetype<string>(copy);
}

/** Where the first surrogate without its other half is, or the end. */
function firstLone(from: usize, end: usize): usize {
  let at = from;
  while (at < end) {
    const unit = <u32>load<u16>(at);
    if ((unit & 0xf800) == 0xd800) {
      const paired = unit < 0xdc00 && at + 2 < end && (<u32>load<u16>(at, 2) & 0xfc00) == 0xdc00;
      if (!paired) return at;
      at += 2;
    }
    at += 2;
  }
  return end;
}

/** What imports write their results to. The largest is of `wasi:http`; no import calls back. */
export const SCRATCH: usize = memory.data(64, 8);

/** `result<string, string>`: the case at 0, the pointer at 4, the length at 8. */
const RESULT: usize = memory.data(12, 4);

export function lowerResult(isError: bool, text: string): usize {
  const pointer = changetype<usize>(wellFormed(text));
  __pin(pointer);
  store<u8>(RESULT, isError);
  store<u32>(RESULT, <u32>pointer, 4);
  store<u32>(RESULT, <u32>changetype<string>(pointer).length, 8);
  return RESULT;
}

/** After the host has read the result. */
export function releaseResult(result: usize): void {
  __unpin(<usize>load<u32>(result, 4));
  if (ASC_RUNTIME == 1) __collect(); // `minimal` collects where it is told to
}
