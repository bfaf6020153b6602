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
@external("wasi:filesystem/types@0.2.12", "[method]descriptor.read-directory")
export declare function readDirectory(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[resource-drop]descriptor")
export declare function dropDescriptor(self: i32): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[method]directory-entry-stream.read-directory-entry")
export declare function readDirectoryEntry(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:filesystem/types@0.2.12", "[resource-drop]directory-entry-stream")
export declare function dropDirectoryEntryStream(self: i32): void;
