// The standard streams of `process`, as other AssemblyScript on WASI has them.
import { decodeText, readAll, readPiece } from "./bytes";
import { writeAll } from "./streams";

export class ReadableStream {
  /** Of an `input-stream`. `name` is for errors. */
  constructor(private handle: i32, private name: string) {}

  /** Waits for what there is, and puts it into a buffer from an offset on. The number of bytes, 0 at the end. */
  read(buffer: ArrayBuffer, offset: isize = 0): i32 {
    const room = <isize>buffer.byteLength - offset;
    if (offset < 0 || room < 0) throw new RangeError("the offset is outside of the buffer");
    while (room) {
      const piece = readPiece(this.handle, <u64>room, this.name);
      if (piece === null) break;
      // A host may wake up for nothing.
      if (!piece.byteLength) continue;
      memory.copy(changetype<usize>(buffer) + offset, changetype<usize>(piece), piece.byteLength);
      return piece.byteLength;
    }
    return 0;
  }

  /** What is left of it, as UTF-8. Throws if it is none. */
  text(): string {
    return decodeText(this.bytes(), this.name);
  }

  /** What is left of it. */
  bytes(): Uint8Array {
    return readAll(this.handle, this.name);
  }
}

export class WritableStream {
  /** Of an `output-stream`. */
  constructor(private handle: i32) {}

  /** Writes a string as UTF-8, or the bytes of an `ArrayBuffer`, and no line end. */
  write<T>(data: T): void {
    if (isString<T>()) {
      const bytes = String.UTF8.encode(<string>data, false, String.UTF8.ErrorMode.REPLACE);
      writeAll(this.handle, changetype<usize>(bytes), bytes.byteLength);
    } else if (idof<T>() == idof<ArrayBuffer>()) {
      const bytes = changetype<ArrayBuffer>(data);
      writeAll(this.handle, changetype<usize>(bytes), bytes.byteLength);
    } else ERROR("a stream takes a string or an ArrayBuffer");
  }
}
