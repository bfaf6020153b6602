// Files, where they were granted. Every function throws with WASI's word for what went wrong.
import { SCRATCH, liftString, releaseList, wellFormed } from "./abi";
import { decodeText, encodeText, readAll } from "./bytes";
import * as filesystem from "./wasi/filesystem";
import { dropInputStream } from "./wasi/io";

/** Of a `tuple<descriptor, string>`. */
const DIRECTORY: usize = 12;
/** `path-flags.symlink-follow`. */
const FOLLOW = 1;
/** `open-flags`. */
const CREATE = 1;
const IS_DIRECTORY = 2;
const TRUNCATE = 8;
/** `descriptor-flags`. */
const READ = 1;
const WRITE = 2;

/** The whole of a file. */
export function readFile(path: string): Uint8Array {
  const file = open(path, 0, READ);
  filesystem.readViaStream(file, 0, SCRATCH);
  refuse(path, 4);
  const stream = load<i32>(SCRATCH, 4);
  const bytes = readAll(stream, "`" + path + "`");
  dropInputStream(stream);
  filesystem.dropDescriptor(file);
  return bytes;
}

/** The whole of a file in UTF-8. */
export function readTextFile(path: string): string {
  return decodeText(readFile(path), "`" + path + "`");
}

/** Makes a file of these bytes, or replaces one. */
export function writeFile(path: string, bytes: Uint8Array): void {
  const file = open(path, CREATE | TRUNCATE, WRITE);
  for (let at: usize = 0; at < <usize>bytes.byteLength; ) {
    filesystem.write(file, bytes.dataStart + at, <usize>bytes.byteLength - at, at, SCRATCH);
    // `result<filesize, error-code>`, whose payload is at 8.
    refuse(path, 8);
    at += <usize>load<u64>(SCRATCH, 8);
  }
  filesystem.dropDescriptor(file);
}

/** Makes a file of a text, or replaces one. */
export function writeTextFile(path: string, text: string): void {
  writeFile(path, encodeText(text));
}

/** The names in a directory, sorted. */
export function readDirectory(path: string): string[] {
  const directory = open(path, IS_DIRECTORY, READ);
  filesystem.readDirectory(directory, SCRATCH);
  refuse(path, 4);
  const stream = load<i32>(SCRATCH, 4);
  const names: string[] = [];
  while (true) {
    filesystem.readDirectoryEntry(stream, SCRATCH);
    refuse(path, 4);
    // `option<directory-entry>` at 4: its case, the type at 8, the name at 12.
    if (!load<u8>(SCRATCH, 4)) break;
    names.push(liftString(load<u32>(SCRATCH, 12), load<u32>(SCRATCH, 16)));
  }
  filesystem.dropDirectoryEntryStream(stream);
  filesystem.dropDescriptor(directory);
  return names.sort();
}

/** Opens a path below the granted directory that is nearest to it. */
function open(path: string, how: i32, flags: i32): i32 {
  filesystem.getDirectories(SCRATCH);
  const list = <usize>load<u32>(SCRATCH);
  const length = <usize>load<u32>(SCRATCH, 4);
  let nearest: i32 = -1;
  let nearestLength = -1;
  let below = "";
  for (let entry = list; entry < list + length * DIRECTORY; entry += DIRECTORY) {
    const handle = load<i32>(entry);
    const directory = liftString(load<u32>(entry, 4), load<u32>(entry, 8));
    const rest = pathBelow(directory, path);
    if (rest === null || directory.length <= nearestLength) {
      filesystem.dropDescriptor(handle);
      continue;
    }
    if (nearest >= 0) filesystem.dropDescriptor(nearest);
    nearest = handle;
    nearestLength = directory.length;
    below = rest;
  }
  releaseList(list, length);
  if (nearest < 0) throw new Error("`" + path + "`: no directory that was granted holds it");
  const name = wellFormed(below);
  filesystem.openAt(nearest, FOLLOW, changetype<usize>(name), name.length, how, flags, SCRATCH);
  const failed = load<u8>(SCRATCH);
  const opened = load<i32>(SCRATCH, 4);
  filesystem.dropDescriptor(nearest);
  if (failed) cannot(path, <u8>opened);
  return opened;
}

/** The path from a directory on, or null if it does not lead there. */
function pathBelow(directory: string, path: string): string | null {
  if (directory == path) return ".";
  if (directory == ".") return path.startsWith("/") ? null : path;
  const prefix = directory.endsWith("/") ? directory : directory + "/";
  return path.startsWith(prefix) ? path.substring(prefix.length) : null;
}

/** Throws if a result is an error, whose code is at an offset. */
function refuse(path: string, offset: usize): void {
  if (load<u8>(SCRATCH)) cannot(path, load<u8>(SCRATCH + offset));
}

function cannot(path: string, code: u8): void {
  throw new Error("`" + path + "`: " + filesystem.errorName(code));
}
