// Bytes that come in pieces from a host.
import { SCRATCH, liftBytes } from "./abi";
import { decode } from "./utf8";
import { blockingRead, dropError } from "./wasi/io";

/** What is asked for at once. */
const PIECE: u64 = 65536;

/** Reads a stream to its end; throws where it breaks off. `what` is for the error. */
export function readAll(stream: i32, what: string): Uint8Array {
  const pieces: ArrayBuffer[] = [];
  while (true) {
    const piece = readPiece(stream, PIECE, what);
    if (piece === null) return join(pieces);
    pieces.push(piece);
  }
}

/** Waits for what a stream has, at most so much; null at its end. */
export function readPiece(stream: i32, length: u64, what: string): ArrayBuffer | null {
  blockingRead(stream, length, SCRATCH);
  // `result<list<u8>, stream-error>`: the case at 0; of the error, its case at 4 and a handle at 8.
  if (!load<u8>(SCRATCH)) return liftBytes(load<u32>(SCRATCH, 4), load<u32>(SCRATCH, 8));
  if (load<u8>(SCRATCH, 4)) return null;
  dropError(load<i32>(SCRATCH, 8));
  throw new Error(what + " broke off");
}

function join(pieces: ArrayBuffer[]): Uint8Array {
  let length = 0;
  for (let i = 0; i < pieces.length; i++) length += pieces[i].byteLength;
  const whole = new Uint8Array(length);
  let at = whole.dataStart;
  for (let i = 0; i < pieces.length; i++) {
    memory.copy(at, changetype<usize>(pieces[i]), pieces[i].byteLength);
    at += pieces[i].byteLength;
  }
  return whole;
}

/** UTF-8; throws at what is none. `what` is for the error. */
export function decodeText(bytes: Uint8Array, what: string): string {
  const text = decode(bytes.dataStart, bytes.byteLength, true);
  if (text === null) throw new Error(what + " is no text in UTF-8");
  return text;
}

export function encodeText(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE));
}
