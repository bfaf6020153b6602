// What the code of `wow-action generate` uses.
import { wellFormed } from "./abi";

export { cabi_realloc, liftBytes, liftString, releaseList } from "./abi";
export { guarded, lastMessage } from "./thrown";
export { trapThrown } from "./trapped";

/** An option of what cannot be null itself: a number, an enum. */
export class Option<T> {
  constructor(readonly value: T) {}
}

/** What the host still reads. As strings, so that the collector sees them; their headers say what they are. */
let held: string[] = [];

/** Keeps an object until the host has read the result. */
function hold(object: usize): usize {
  held.push(changetype<string>(object));
  return object;
}

/** After the host has read the result. */
export function releaseHeld(): void {
  held = [];
}

/** Writes pointer and length of a string. */
export function storeString(at: usize, text: string): void {
  const unicode = wellFormed(text);
  store<u32>(at, <u32>hold(changetype<usize>(unicode)));
  store<u32>(at, <u32>unicode.length, 4);
}

/** Writes pointer and length of bytes. */
export function storeBytes(at: usize, bytes: Uint8Array): void {
  hold(changetype<usize>(bytes));
  store<u32>(at, <u32>bytes.dataStart);
  store<u32>(at, <u32>bytes.byteLength, 4);
}

/** Memory for a list, whose pointer and length are written. */
export function storeList(at: usize, length: i32, size: i32): usize {
  const list = hold(changetype<usize>(new ArrayBuffer(length * size)));
  store<u32>(at, <u32>list);
  store<u32>(at, <u32>length, 4);
  return list;
}
