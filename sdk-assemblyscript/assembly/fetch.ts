// HTTP, in the shape that people know from `fetch`, without promises: the activation waits.
import { SCRATCH, liftBytes, liftString, releaseList, wellFormed } from "./abi";
import { decodeText, encodeText, readAll } from "./bytes";
import { writeAll } from "./streams";
import * as http from "./wasi/http";
import { block, dropInputStream, dropOutputStream, dropPollable } from "./wasi/io";

/** The order of `wasi:http/types.method`; `other` comes after them. */
const METHODS: StaticArray<string> = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/** Of a `tuple<string, list<u8>>`. */
const ENTRY: usize = 16;

/** The order of `wasi:http/types.error-code`. */
const ERRORS: StaticArray<string> = [
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

export class RequestInit {
  method: string = "GET";
  headers: Map<string, string> = new Map();
  body: string | null = null;
}

export class Response {
  /** Names in lower case; of a name that came twice, the values with a comma between them. */
  readonly headers: Map<string, string> = new Map();
  private body: Uint8Array = new Uint8Array(0);

  private constructor(readonly url: string, readonly status: i32) {}

  get ok(): bool {
    return this.status >= 200 && this.status < 300;
  }

  /** The body as UTF-8. Throws if it is none. */
  text(): string {
    return decodeText(this.body, "the body of `" + this.url + "`");
  }

  bytes(): Uint8Array {
    return this.body;
  }

  static read(url: string, handle: i32): Response {
    const response = new Response(url, http.status(handle));
    const headers = http.responseHeaders(handle);
    http.entries(headers, SCRATCH);
    const list = <usize>load<u32>(SCRATCH);
    const length = <usize>load<u32>(SCRATCH, 4);
    for (let entry = list; entry < list + length * ENTRY; entry += ENTRY) {
      const name = liftString(load<u32>(entry), load<u32>(entry, 4)).toLowerCase();
      const value = String.UTF8.decode(liftBytes(load<u32>(entry, 8), load<u32>(entry, 12)));
      const known = response.headers.has(name);
      response.headers.set(name, known ? response.headers.get(name) + ", " + value : value);
    }
    releaseList(list, length);
    http.dropFields(headers);
    http.consume(handle, SCRATCH);
    const body = load<i32>(SCRATCH, 4);
    http.incomingStream(body, SCRATCH);
    const stream = load<i32>(SCRATCH, 4);
    response.body = readAll(stream, "the body of `" + url + "`");
    dropInputStream(stream);
    http.dropIncomingBody(body);
    http.dropResponse(handle);
    return response;
  }
}

/** Sends a request and waits for the whole response. Throws if there is none; a status is no error. */
export function fetch(url: string, init: RequestInit = new RequestInit()): Response {
  const request = newRequest(url, init.method, newHeaders(url, init.headers));
  const text = init.body;
  let body: i32 = -1;
  if (text !== null) {
    http.requestBody(request, SCRATCH);
    body = load<i32>(SCRATCH, 4);
  }
  http.handle(request, 0, 0, SCRATCH);
  // `result<future, error-code>`, whose payload is at 8.
  if (load<u8>(SCRATCH)) cannot(url, errorName(SCRATCH + 8));
  const future = load<i32>(SCRATCH, 8);
  // After `handle`, else nobody would read what is written.
  if (text !== null) send(url, body, encodeText(text));
  return Response.read(url, wait(url, future));
}

function newHeaders(url: string, headers: Map<string, string>): i32 {
  const fields = http.newFields();
  const names = headers.keys();
  for (let i = 0; i < names.length; i++) {
    const name = wellFormed(names[i]);
    const value = encodeText(headers.get(names[i]));
    http.append(fields, changetype<usize>(name), name.length, value.dataStart, value.byteLength, SCRATCH);
    if (load<u8>(SCRATCH)) cannot(url, "the header `" + name + "` is not allowed");
  }
  return fields;
}

function newRequest(url: string, method: string, headers: i32): i32 {
  const whole = wellFormed(url);
  const isTls = whole.startsWith("https://");
  if (!isTls && !whole.startsWith("http://")) cannot(url, "not a URL of HTTP");
  let rest = whole.substring(isTls ? 8 : 7);
  const fragment = rest.indexOf("#");
  if (fragment >= 0) rest = rest.substring(0, fragment);
  let end = 0;
  while (end < rest.length && rest.charCodeAt(end) != 0x2f && rest.charCodeAt(end) != 0x3f) end++;
  const authority = rest.substring(0, end);
  if (!authority.length) cannot(url, "not a URL of HTTP");
  // RFC 9112 §3.2.1: a request names a path, if only the root.
  const path = rest.charCodeAt(end) == 0x2f ? rest.substring(end) : "/" + rest.substring(end);
  const request = http.newRequest(headers);
  const verb = wellFormed(method);
  let known = METHODS.length;
  for (let i = 0; i < METHODS.length; i++) if (METHODS[i] == verb) known = i;
  const refused =
    http.setMethod(request, known, changetype<usize>(verb), verb.length) |
    http.setScheme(request, 1, isTls ? 1 : 0, 0, 0) |
    http.setAuthority(request, 1, changetype<usize>(authority), authority.length) |
    http.setPath(request, 1, changetype<usize>(path), path.length);
  if (refused) cannot(url, "not a URL of HTTP");
  return request;
}

function send(url: string, body: i32, bytes: Uint8Array): void {
  http.bodyStream(body, SCRATCH);
  const stream = load<i32>(SCRATCH, 4);
  const sent = writeAll(stream, bytes.dataStart, bytes.byteLength);
  dropOutputStream(stream);
  // A server may answer before it has read all: its response says more than a broken pipe.
  if (!sent) {
    http.dropOutgoingBody(body);
    return;
  }
  http.finishBody(body, 0, 0, SCRATCH);
  if (load<u8>(SCRATCH)) cannot(url, errorName(SCRATCH + 8));
}

/** The handle of the response. */
function wait(url: string, future: i32): i32 {
  const pollable = http.subscribe(future);
  block(pollable);
  dropPollable(pollable);
  http.get(future, SCRATCH);
  // `option<result<result<response, error-code>>>`: at 0, 8 and 16, the payload at 24. It is ready and taken once.
  if (load<u8>(SCRATCH, 16)) cannot(url, errorName(SCRATCH + 24));
  const response = load<i32>(SCRATCH, 24);
  http.dropFuture(future);
  return response;
}

function errorName(code: usize): string {
  const index = <i32>load<u8>(code);
  const name = index < ERRORS.length ? ERRORS[index] : "error " + index.toString();
  // `internal-error(option<string>)` is the last one.
  if (index != ERRORS.length - 1 || !load<u8>(code, 8)) return name;
  return name + ": " + liftString(load<u32>(code, 12), load<u32>(code, 16));
}

function cannot(url: string, reason: string): void {
  throw new Error("cannot fetch `" + url + "`: " + reason);
}
