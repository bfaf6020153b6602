// `wasi:http`, lowered by hand.
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[constructor]fields")
export declare function newFields(): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]fields.append")
export declare function append(self: i32, name: usize, nameLength: usize, value: usize, length: usize, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]fields.entries")
export declare function entries(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[resource-drop]fields")
export declare function dropFields(self: i32): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[constructor]outgoing-request")
export declare function newRequest(headers: i32): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[resource-drop]outgoing-request")
export declare function dropRequest(self: i32): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-request.body")
export declare function requestBody(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-request.set-method")
export declare function setMethod(self: i32, method: i32, text: usize, length: usize): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-request.set-scheme")
export declare function setScheme(self: i32, some: i32, scheme: i32, text: usize, length: usize): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-request.set-authority")
export declare function setAuthority(self: i32, some: i32, text: usize, length: usize): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-request.set-path-with-query")
export declare function setPath(self: i32, some: i32, text: usize, length: usize): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-body.write")
export declare function bodyStream(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[static]outgoing-body.finish")
export declare function finishBody(self: i32, some: i32, trailers: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[resource-drop]outgoing-body")
export declare function dropOutgoingBody(self: i32): void;
// @ts-ignore: decorator
@external("wasi:http/outgoing-handler@0.2.12", "handle")
export declare function handle(request: i32, some: i32, options: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]future-incoming-response.subscribe")
export declare function subscribe(self: i32): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]future-incoming-response.get")
export declare function get(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[resource-drop]future-incoming-response")
export declare function dropFuture(self: i32): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-response.status")
export declare function status(self: i32): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-response.headers")
export declare function responseHeaders(self: i32): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-response.consume")
export declare function consume(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[resource-drop]incoming-response")
export declare function dropResponse(self: i32): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-body.stream")
export declare function incomingStream(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[resource-drop]incoming-body")
export declare function dropIncomingBody(self: i32): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-request.method")
export declare function requestMethod(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-request.path-with-query")
export declare function requestPath(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-request.scheme")
export declare function requestScheme(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-request.authority")
export declare function requestAuthority(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-request.headers")
export declare function requestHeaders(self: i32): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-request.consume")
export declare function consumeRequest(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[constructor]outgoing-response")
export declare function newResponse(headers: i32): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-response.set-status-code")
export declare function setStatus(self: i32, status: i32): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-response.body")
export declare function responseBody(self: i32, result: usize): void;
/** `result<outgoing-response, error-code>`: `first` is the response, or the error's case; the others are what the error carries. */
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[static]response-outparam.set")
export declare function setOutparam(
  self: i32, isError: i32, first: i32, a: i32, b: u64, c: i32, d: i32, e: i32, f: i32,
): void;

/** `error-code`, in its order. */
// @ts-ignore: decorator
@lazy
const ERROR_CODES: StaticArray<string> = [
  "DNS-timeout", "DNS-error", "destination-not-found", "destination-unavailable", "destination-IP-prohibited",
  "destination-IP-unroutable", "connection-refused", "connection-terminated", "connection-timeout",
  "connection-read-timeout", "connection-write-timeout", "connection-limit-reached", "TLS-protocol-error",
  "TLS-certificate-error", "TLS-alert-received", "HTTP-request-denied", "HTTP-request-length-required",
  "HTTP-request-body-size", "HTTP-request-method-invalid", "HTTP-request-URI-invalid", "HTTP-request-URI-too-long",
  "HTTP-request-header-section-size", "HTTP-request-header-size", "HTTP-request-trailer-section-size",
  "HTTP-request-trailer-size", "HTTP-response-incomplete", "HTTP-response-header-section-size",
  "HTTP-response-header-size", "HTTP-response-body-size", "HTTP-response-trailer-section-size",
  "HTTP-response-trailer-size", "HTTP-response-transfer-coding", "HTTP-response-content-coding",
  "HTTP-response-timeout", "HTTP-upgrade-failed", "HTTP-protocol-error", "loop-detected", "configuration-error",
  "internal-error",
];

/** The last of them, an `option<string>`. */
export const INTERNAL_ERROR: u8 = 38;

/** WASI's word for an error, without what it carries. */
export function errorName(code: u8): string {
  return <i32>code < ERROR_CODES.length ? ERROR_CODES[code] : "error " + code.toString();
}
