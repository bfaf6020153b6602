// `wasi:io`, lowered by hand.
// @ts-ignore: decorator
@external("wasi:io/streams@0.2.12", "[method]output-stream.blocking-write-and-flush")
export declare function blockingWriteAndFlush(stream: i32, bytes: usize, length: usize, result: usize): void;
// @ts-ignore: decorator
@external("wasi:io/streams@0.2.12", "[resource-drop]output-stream")
export declare function dropOutputStream(stream: i32): void;
// @ts-ignore: decorator
@external("wasi:io/streams@0.2.12", "[method]input-stream.blocking-read")
export declare function blockingRead(stream: i32, length: u64, result: usize): void;
// @ts-ignore: decorator
@external("wasi:io/streams@0.2.12", "[resource-drop]input-stream")
export declare function dropInputStream(stream: i32): void;
// @ts-ignore: decorator
@external("wasi:io/error@0.2.12", "[method]error.to-debug-string")
export declare function toDebugString(error: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:io/error@0.2.12", "[resource-drop]error")
export declare function dropError(error: i32): void;
// @ts-ignore: decorator
@external("wasi:io/poll@0.2.12", "[method]pollable.block")
export declare function block(pollable: i32): void;
// @ts-ignore: decorator
@external("wasi:io/poll@0.2.12", "[resource-drop]pollable")
export declare function dropPollable(pollable: i32): void;
