// `wasi:cli`, lowered by hand.
// @ts-ignore: decorator
@external("wasi:cli/environment@0.2.12", "get-environment")
export declare function getEnvironment(result: usize): void;
// @ts-ignore: decorator
@external("wasi:cli/environment@0.2.12", "get-arguments")
export declare function getArguments(result: usize): void;
// @ts-ignore: decorator
@external("wasi:cli/stdin@0.2.12", "get-stdin")
export declare function getStdin(): i32;
// @ts-ignore: decorator
@external("wasi:cli/stdout@0.2.12", "get-stdout")
export declare function getStdout(): i32;
// @ts-ignore: decorator
@external("wasi:cli/stderr@0.2.12", "get-stderr")
export declare function getStderr(): i32;
// @ts-ignore: decorator
@external("wasi:cli/exit@0.2.12", "exit")
export declare function exit(isError: bool): void;
