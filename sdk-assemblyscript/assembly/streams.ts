// Bytes to `wasi:io`'s streams, and lines to the log's two.
import { SCRATCH } from "./abi";
import { getStderr, getStdout } from "./wasi/cli";
import { blockingWriteAndFlush, dropError } from "./wasi/io";

/** What `blocking-write-and-flush` takes at once. */
const MAX_WRITE: usize = 4096;

/** Writes all; false if the stream is closed or broken. */
export function writeAll(stream: i32, bytes: usize, length: usize): bool {
  while (length) {
    const part = min(length, MAX_WRITE);
    blockingWriteAndFlush(stream, bytes, part, SCRATCH);
    // `result<_, stream-error>`: the case at 0; of the error, its case at 4 and a handle at 8.
    if (load<u8>(SCRATCH)) {
      if (!load<u8>(SCRATCH, 4)) dropError(load<i32>(SCRATCH, 8));
      return false;
    }
    bytes += part;
    length -= part;
  }
  return true;
}

// Lazy: other modules' globals may write before this module's turn comes.
// @ts-ignore: decorator
@lazy
let stdout: i32 = -1;
// @ts-ignore: decorator
@lazy
let stderr: i32 = -1;

export function openStdout(): i32 {
  if (stdout < 0) stdout = getStdout();
  return stdout;
}

export function openStderr(): i32 {
  if (stderr < 0) stderr = getStderr();
  return stderr;
}

/** Writes a line to the log's stdout. Who writes to a log cannot do anything about a broken one. */
export function logLine(line: string): void {
  writeLine(openStdout(), line);
}

/** Writes a line to the log's stderr. */
export function logErrorLine(line: string): void {
  writeLine(openStderr(), line);
}

function writeLine(stream: i32, line: string): void {
  // In one piece: a line is not torn by another's.
  const bytes = String.UTF8.encode(line + "\n", false, String.UTF8.ErrorMode.REPLACE);
  writeAll(stream, changetype<usize>(bytes), bytes.byteLength);
}
