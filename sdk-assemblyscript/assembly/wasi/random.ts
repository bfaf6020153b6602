// `wasi:random`, lowered by hand.
// @ts-ignore: decorator
@external("wasi:random/random@0.2.12", "get-random-u64")
export declare function getRandomU64(): u64;
// @ts-ignore: decorator
@external("wasi:random/random@0.2.12", "get-random-bytes")
export declare function getRandomBytes(length: u64, result: usize): void;
