// `wasi:filesystem`, lowered by hand.
// @ts-ignore: decorator
@external("wasi:filesystem/preopens@0.2.12", "get-directories")
export declare function getDirectories(result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.open-at")
export declare function openAt(self: i32, pathFlags: i32, path: usize, length: usize, openFlags: i32, flags: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.read-via-stream")
export declare function readViaStream(self: i32, offset: u64, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.write")
export declare function write(self: i32, bytes: usize, length: usize, offset: u64, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.write-via-stream")
export declare function writeViaStream(self: i32, offset: u64, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.append-via-stream")
export declare function appendViaStream(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.read")
export declare function read(self: i32, length: u64, offset: u64, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.read-directory")
export declare function readDirectory(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.set-size")
export declare function setSize(self: i32, size: u64, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.create-directory-at")
export declare function createDirectoryAt(self: i32, path: usize, length: usize, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.remove-directory-at")
export declare function removeDirectoryAt(self: i32, path: usize, length: usize, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.unlink-file-at")
export declare function unlinkFileAt(self: i32, path: usize, length: usize, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.stat-at")
export declare function statAt(self: i32, pathFlags: i32, path: usize, length: usize, result: usize): void;
/** Each time is a `new-timestamp`: its case, seconds and nanoseconds. */
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.set-times-at")
export declare function setTimesAt(
  self: i32, pathFlags: i32, path: usize, length: usize,
  accessed: i32, accessedSeconds: u64, accessedNanoseconds: i32,
  modified: i32, modifiedSeconds: u64, modifiedNanoseconds: i32,
  result: usize,
): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.rename-at")
export declare function renameAt(
  self: i32, path: usize, length: usize, directory: i32, newPath: usize, newLength: usize, result: usize,
): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.link-at")
export declare function linkAt(
  self: i32, pathFlags: i32, path: usize, length: usize, directory: i32, newPath: usize, newLength: usize, result: usize,
): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.symlink-at")
export declare function symlinkAt(self: i32, target: usize, targetLength: usize, path: usize, length: usize, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[resource-drop]descriptor")
export declare function dropDescriptor(self: i32): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]directory-entry-stream.read-directory-entry")
export declare function readDirectoryEntry(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[resource-drop]directory-entry-stream")
export declare function dropDirectoryEntryStream(self: i32): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "filesystem-error-code")
export declare function errorCodeOf(error: i32, result: usize): void;

/** `error-code`, in its order. */
// @ts-ignore: decorator
@lazy
const ERROR_CODES: StaticArray<string> = [
  "access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist", "file-too-large",
  "illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io", "is-directory", "loop", "too-many-links",
  "message-size", "name-too-long", "no-device", "no-entry", "no-lock", "insufficient-memory", "insufficient-space",
  "not-directory", "not-empty", "not-recoverable", "unsupported", "no-tty", "no-such-device", "overflow",
  "not-permitted", "pipe", "read-only", "invalid-seek", "text-file-busy", "cross-device",
];

/** WASI's word for an error. */
export function errorName(code: u8): string {
  return <i32>code < ERROR_CODES.length ? ERROR_CODES[code] : "error " + code.toString();
}
