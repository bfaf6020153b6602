// A descriptor of `wasi:filesystem`: each method is one call, which throws the WIT's name of an error. The offsets are
// those of the canonical ABI.
import { TextDecoder } from "wow-action";
// @ts-ignore: tsc knows no types below the SDK's front door
import { SCRATCH, liftBytes, liftString, releaseList, wellFormed } from "wow-action/abi";
// @ts-ignore
import * as filesystem from "wow-action/wasi/filesystem";
// @ts-ignore
import { blockingWriteAndFlush, dropError, dropOutputStream, toDebugString } from "wow-action/wasi/io";

/** `path-flags`. */
export const FOLLOW = 1;
/** `open-flags`. */
export const CREATE = 1;
export const DIRECTORY = 2;
export const EXCLUSIVE = 4;
export const TRUNCATE = 8;
/** `descriptor-flags`. */
export const READ = 1;
export const WRITE = 2;

/** `new-timestamp.now`. */
const NOW = 1;
/** What is read or written at once: `blocking-write-and-flush` takes no more. */
const PIECE: u64 = 4096;
/** Of a `tuple<descriptor, string>`. */
const GRANTED: usize = 12;
/** A `result<descriptor-stat, error-code>` is larger than `SCRATCH`. */
const STAT: usize = memory.data(104, 8);

export class Stat {
  constructor(public size: u64, public links: u64) {}
}

export class Descriptor {
  constructor(private handle: i32) {}

  /** What was granted, by name. */
  static granted(): Map<string, Descriptor> {
    const granted = new Map<string, Descriptor>();
    filesystem.getDirectories(SCRATCH);
    const list = <usize>load<u32>(SCRATCH);
    const length = <usize>load<u32>(SCRATCH, 4);
    for (let at = list; at < list + length * GRANTED; at += GRANTED) {
      const name = liftString(load<u32>(at, 4), load<u32>(at, 8));
      granted.set(name, new Descriptor(load<i32>(at)));
    }
    releaseList(list, length);
    return granted;
  }

  openAt(pathFlags: i32, path: string, openFlags: i32, flags: i32): Descriptor {
    const name = wellFormed(path);
    filesystem.openAt(this.handle, pathFlags, changetype<usize>(name), name.length, openFlags, flags, SCRATCH);
    check(4);
    return new Descriptor(load<i32>(SCRATCH, 4));
  }

  /** The whole of a file. */
  read(): string {
    let all = new Uint8Array(0);
    let end = false;
    while (!end) {
      filesystem.read(this.handle, PIECE, all.length, SCRATCH);
      check(4);
      end = load<u8>(SCRATCH, 12) != 0;
      const piece = Uint8Array.wrap(liftBytes(load<u32>(SCRATCH, 4), load<u32>(SCRATCH, 8)));
      const longer = new Uint8Array(all.length + piece.length);
      longer.set(all);
      longer.set(piece, all.length);
      all = longer;
    }
    return new TextDecoder().decode(all);
  }

  write(text: string, offset: u64): u64 {
    const bytes = String.UTF8.encode(text);
    filesystem.write(this.handle, changetype<usize>(bytes), bytes.byteLength, offset, SCRATCH);
    check(8);
    return load<u64>(SCRATCH, 8);
  }

  writeViaStream(offset: u64, bytes: u64): void {
    filesystem.writeViaStream(this.handle, offset, SCRATCH);
    check(4);
    fill(load<i32>(SCRATCH, 4), bytes);
  }

  appendViaStream(bytes: u64): void {
    filesystem.appendViaStream(this.handle, SCRATCH);
    check(4);
    fill(load<i32>(SCRATCH, 4), bytes);
  }

  setSize(size: u64): void {
    filesystem.setSize(this.handle, size, SCRATCH);
    check(1);
  }

  /** Both times are now. */
  setTimesAt(pathFlags: i32, path: string): void {
    const name = wellFormed(path);
    filesystem.setTimesAt(this.handle, pathFlags, changetype<usize>(name), name.length, NOW, 0, 0, NOW, 0, 0, SCRATCH);
    check(1);
  }

  createDirectoryAt(path: string): void {
    const name = wellFormed(path);
    filesystem.createDirectoryAt(this.handle, changetype<usize>(name), name.length, SCRATCH);
    check(1);
  }

  removeDirectoryAt(path: string): void {
    const name = wellFormed(path);
    filesystem.removeDirectoryAt(this.handle, changetype<usize>(name), name.length, SCRATCH);
    check(1);
  }

  unlinkFileAt(path: string): void {
    const name = wellFormed(path);
    filesystem.unlinkFileAt(this.handle, changetype<usize>(name), name.length, SCRATCH);
    check(1);
  }

  renameAt(path: string, to: Descriptor, newPath: string): void {
    const old = wellFormed(path);
    const name = wellFormed(newPath);
    filesystem.renameAt(
      this.handle, changetype<usize>(old), old.length, to.handle, changetype<usize>(name), name.length, SCRATCH,
    );
    check(1);
  }

  linkAt(pathFlags: i32, path: string, to: Descriptor, newPath: string): void {
    const old = wellFormed(path);
    const name = wellFormed(newPath);
    filesystem.linkAt(
      this.handle, pathFlags, changetype<usize>(old), old.length, to.handle, changetype<usize>(name), name.length, SCRATCH,
    );
    check(1);
  }

  symlinkAt(target: string, path: string): void {
    const old = wellFormed(target);
    const name = wellFormed(path);
    filesystem.symlinkAt(this.handle, changetype<usize>(old), old.length, changetype<usize>(name), name.length, SCRATCH);
    check(1);
  }

  /** The names in a directory, sorted. */
  readDirectory(): string[] {
    filesystem.readDirectory(this.handle, SCRATCH);
    check(4);
    const entries = load<i32>(SCRATCH, 4);
    const names: string[] = [];
    while (true) {
      filesystem.readDirectoryEntry(entries, SCRATCH);
      // The option is at 4, in it the type at 8 and the name at 12.
      if (load<u8>(SCRATCH) || !load<u8>(SCRATCH, 4)) break;
      names.push(liftString(load<u32>(SCRATCH, 12), load<u32>(SCRATCH, 16)));
    }
    filesystem.dropDirectoryEntryStream(entries);
    check(4);
    return names.sort();
  }

  statAt(pathFlags: i32, path: string): Stat {
    const name = wellFormed(path);
    filesystem.statAt(this.handle, pathFlags, changetype<usize>(name), name.length, STAT);
    if (load<u8>(STAT)) throw new Error(filesystem.errorName(load<u8>(STAT, 8)));
    // The type is at 8.
    return new Stat(load<u64>(STAT, 24), load<u64>(STAT, 16));
  }

  drop(): void {
    filesystem.dropDescriptor(this.handle);
  }
}

/** Throws if a result is an error, whose code is at an offset. */
function check(offset: usize): void {
  if (load<u8>(SCRATCH)) throw new Error(filesystem.errorName(load<u8>(SCRATCH + offset)));
}

/** Writes so many bytes to a stream and drops it, as a program does that copies a file. */
function fill(stream: i32, bytes: u64): void {
  const piece = new Uint8Array(<i32>min(bytes, PIECE)).fill(0x78);
  let failure: string | null = null;
  while (bytes && failure === null) {
    const length = min(bytes, PIECE);
    blockingWriteAndFlush(stream, piece.dataStart, <usize>length, SCRATCH);
    if (load<u8>(SCRATCH)) failure = streamError();
    bytes -= length;
  }
  dropOutputStream(stream);
  if (failure !== null) throw new Error(failure);
}

/** The `stream-error` of a `result<_, stream-error>`: its case at 4, the handle of what failed at 8. */
function streamError(): string {
  if (load<u8>(SCRATCH, 4)) return "closed";
  const error = load<i32>(SCRATCH, 8);
  filesystem.errorCodeOf(error, SCRATCH);
  let name: string;
  if (load<u8>(SCRATCH)) {
    name = filesystem.errorName(load<u8>(SCRATCH, 1));
  } else {
    toDebugString(error, SCRATCH);
    name = liftString(load<u32>(SCRATCH), load<u32>(SCRATCH, 4));
  }
  dropError(error);
  return name;
}
