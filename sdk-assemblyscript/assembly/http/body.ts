// The bodies of HTTP's messages: read as a whole, written in pieces.
import { SCRATCH, liftString } from "../abi";
import { encodeText, readAll } from "../bytes";
import { Headers } from "./headers";
import { writeAll } from "../streams";
import * as http from "../wasi/http";
import { dropInputStream, dropOutputStream } from "../wasi/io";

/** The whole of an `incoming-body`, which is dropped. `what` is for the error. */
export function readBody(body: i32, what: string): Uint8Array {
  http.incomingStream(body, SCRATCH);
  const stream = load<i32>(SCRATCH, 4);
  const bytes = readAll(stream, what);
  dropInputStream(stream);
  http.dropIncomingBody(body);
  return bytes;
}

/** A body on its way out. Who reads it sees that it is whole only after `close`. */
export class OutgoingBody {
  private stream: i32;
  private isOpen: bool = true;

  /** Of an `outgoing-body`, which is this object's from here on. `failure` goes before every error. */
  constructor(private handle: i32, private failure: string) {
    http.bodyStream(handle, SCRATCH);
    this.stream = load<i32>(SCRATCH, 4);
  }

  /** Writes, and waits until it is taken. False if nobody takes any more. */
  write(bytes: Uint8Array): bool {
    return this.isOpen && writeAll(this.stream, bytes.dataStart, bytes.byteLength);
  }

  /** Writes text as UTF-8. */
  writeText(text: string): bool {
    return this.write(encodeText(text));
  }

  /** Ends the body. Throws if it is not as long as its `content-length` said. */
  close(trailers: Headers | null = null): void {
    const fields = trailers === null ? 0 : trailers.toFields(this.failure);
    this.end();
    http.finishBody(this.handle, trailers !== null, fields, SCRATCH);
    // `result<_, error-code>`, whose payload is at 8.
    if (load<u8>(SCRATCH)) throw new Error(this.failure + errorName(SCRATCH + 8));
  }

  /** Breaks the body off. */
  abort(): void {
    this.end();
    http.dropOutgoingBody(this.handle);
  }

  private end(): void {
    if (!this.isOpen) throw new Error(this.failure + "the body is closed already");
    this.isOpen = false;
    dropOutputStream(this.stream);
  }
}

/** WASI's name of the `error-code` at an address, with the words of an `internal-error`. */
export function errorName(code: usize): string {
  const name = http.errorName(load<u8>(code));
  if (load<u8>(code) != http.INTERNAL_ERROR || !load<u8>(code, 8)) return name;
  return name + ": " + liftString(load<u32>(code, 12), load<u32>(code, 16));
}
