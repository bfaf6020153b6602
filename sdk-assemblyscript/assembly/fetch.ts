// HTTP, in the shape that people know from `fetch`, without promises: the activation waits.
import { SCRATCH, wellFormed } from "./abi";
import { OutgoingBody, errorName, readBody } from "./http/body";
import { encodeText } from "./bytes";
import { Headers } from "./http/headers";
import { METHODS } from "./http/methods";
import { Response } from "./http/response";
import { URL } from "./http/url";
import * as http from "./wasi/http";
import { block, dropPollable } from "./wasi/io";

export class RequestInit {
  method: string = "GET";
  headers: Headers = new Headers();
  body: string | null = null;
}

/** Sends a request and waits for the whole response. Throws if there is none; a status is no error. */
export function fetch(url: string, init: RequestInit = new RequestInit()): Response {
  const failure = "cannot fetch `" + url + "`: ";
  const request = newRequest(url, init.method, init.headers.toFields(failure), failure);
  const text = init.body;
  let body: OutgoingBody | null = null;
  if (text !== null) {
    http.requestBody(request, SCRATCH);
    body = new OutgoingBody(load<i32>(SCRATCH, 4), failure);
  }
  http.handle(request, 0, 0, SCRATCH);
  // `result<future, error-code>`, whose payload is at 8.
  if (load<u8>(SCRATCH)) throw new Error(failure + errorName(SCRATCH + 8));
  const future = load<i32>(SCRATCH, 8);
  // After `handle`, else nobody would read what is written.
  if (body !== null && text !== null) {
    // A server may answer before it has read all: its response says more than a broken pipe.
    if (body.write(encodeText(text))) body.close();
    else body.abort();
  }
  return receive(url, wait(future, failure));
}

function newRequest(url: string, method: string, headers: i32, failure: string): i32 {
  const whole = wellFormed(url);
  if (!URL.canParse(whole)) throw new Error(failure + "not a URL of HTTP");
  const parts = new URL(whole);
  const isTls = parts.protocol == "https:";
  const path = parts.pathname + parts.search;
  const request = http.newRequest(headers);
  const verb = wellFormed(method);
  const known = METHODS.indexOf(verb);
  const refused =
    http.setMethod(request, known < 0 ? METHODS.length : known, changetype<usize>(verb), verb.length) |
    http.setScheme(request, 1, isTls ? 1 : 0, 0, 0) |
    http.setAuthority(request, 1, changetype<usize>(parts.host), parts.host.length) |
    http.setPath(request, 1, changetype<usize>(path), path.length);
  if (refused || (!isTls && parts.protocol != "http:")) throw new Error(failure + "not a URL of HTTP");
  return request;
}

/** The handle of the response. */
function wait(future: i32, failure: string): i32 {
  const pollable = http.subscribe(future);
  block(pollable);
  dropPollable(pollable);
  http.get(future, SCRATCH);
  // `option<result<result<response, error-code>>>`: at 0, 8 and 16, the payload at 24. It is ready and taken once.
  if (load<u8>(SCRATCH, 16)) throw new Error(failure + errorName(SCRATCH + 24));
  const response = load<i32>(SCRATCH, 24);
  http.dropFuture(future);
  return response;
}

function receive(url: string, handle: i32): Response {
  const status = http.status(handle);
  const headers = Headers.take(http.responseHeaders(handle));
  http.consume(handle, SCRATCH);
  const bytes = readBody(load<i32>(SCRATCH, 4), "the body of `" + url + "`");
  http.dropResponse(handle);
  return Response.fromBytes(bytes, { status, headers }, url);
}
