// `wasi:clocks`, lowered by hand.
// @ts-ignore: decorator
@external("wasi:clocks/wall-clock@0.2.12", "now")
export declare function wallClock(result: usize): void;
// @ts-ignore: decorator
@external("wasi:clocks/monotonic-clock@0.2.12", "now")
export declare function monotonicClock(): u64;
// @ts-ignore: decorator
@external("wasi:clocks/monotonic-clock@0.2.12", "subscribe-duration")
export declare function subscribeDuration(nanoseconds: u64): i32;
