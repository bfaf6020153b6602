// HTTP's methods as `wasi:http` has them.

/** The order of `wasi:http/types.method`; `other` comes after them. */
// @ts-ignore: decorator
@lazy
export const METHODS: StaticArray<string> = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
