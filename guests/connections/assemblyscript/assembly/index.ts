// Calls `wasi:http` so that several connections are open at once: no library in between reads a response before the
// next request is made. The offsets are those of the canonical ABI.
import { Outcome, attempt } from "wow-action";
// @ts-ignore: tsc knows no types below the SDK's front door
import { SCRATCH, wellFormed } from "wow-action/abi";
// @ts-ignore
import { readAll } from "wow-action/bytes";
// @ts-ignore
import * as http from "wow-action/wasi/http";
// @ts-ignore
import { block, dropInputStream, dropPollable } from "wow-action/wasi/io";

class Input {
  /** `http://` and a server. */
  url: string;
  /** How many requests are made before a response is looked at. */
  open: u32;
  /** Whether a response is read to its end before the next is waited for; else it is held. */
  read: bool = false;
}

class Output {
  /** What came of each request: a status, or the error's name. */
  answers: string[];
}

export function main(input: Input): Output {
  if (!input.url.startsWith("http://")) throw new Error("not a URL of HTTP");
  const server = input.url.substring(7).split("/")[0];
  const waiting: Outcome<i32>[] = [];
  for (let i: u32 = 0; i < input.open; i++) waiting.push(attempt<string, i32>(server, send));
  const held: i32[] = [];
  const answers: string[] = [];
  for (let i = 0; i < waiting.length; i++) {
    const response = waiting[i].ok ? attempt<i32, i32>(waiting[i].value, wait) : waiting[i];
    const error = response.error;
    if (error !== null) {
      answers.push(error);
      continue;
    }
    answers.push(http.status(response.value).toString());
    if (input.read) read(response.value);
    held.push(response.value);
  }
  for (let i = 0; i < held.length; i++) http.dropResponse(held[i]);
  for (let i = 0; i < waiting.length; i++) if (waiting[i].ok) http.dropFuture(waiting[i].value);
  return { answers };
}

/** The handle of a future response. */
function send(server: string): i32 {
  const request = http.newRequest(http.newFields());
  const authority = wellFormed(server);
  const path = "/";
  const refused =
    http.setScheme(request, 1, 0, 0, 0) ||
    http.setAuthority(request, 1, changetype<usize>(authority), authority.length) ||
    http.setPath(request, 1, changetype<usize>(path), path.length);
  if (refused) {
    http.dropRequest(request);
    throw new Error("no server");
  }
  http.handle(request, 0, 0, SCRATCH);
  // `result<future, error-code>`, whose payload is at 8.
  if (load<u8>(SCRATCH)) throw new Error(errorName(SCRATCH + 8));
  return load<i32>(SCRATCH, 8);
}

/** The handle of the response. */
function wait(future: i32): i32 {
  const pollable = http.subscribe(future);
  block(pollable);
  dropPollable(pollable);
  http.get(future, SCRATCH);
  // `option<result<result<response, error-code>>>`: at 0, 8 and 16, the payload at 24. It is ready and taken once.
  if (load<u8>(SCRATCH, 16)) throw new Error(errorName(SCRATCH + 24));
  return load<i32>(SCRATCH, 24);
}

function read(response: i32): void {
  // It is taken once: neither result is an error.
  http.consume(response, SCRATCH);
  const body = load<i32>(SCRATCH, 4);
  http.incomingStream(body, SCRATCH);
  const stream = load<i32>(SCRATCH, 4);
  readAll(stream, "the body");
  dropInputStream(stream);
  http.dropIncomingBody(body);
}

/** As Rust's bindings print it, so that all languages answer the same: `ErrorCode::HttpRequestDenied`. */
function errorName(code: usize): string {
  const words: string[] = http.errorName(load<u8>(code)).toLowerCase().split("-");
  let name = "ErrorCode::";
  for (let i = 0; i < words.length; i++) name += words[i].charAt(0).toUpperCase() + words[i].substring(1);
  return name;
}
