// The HTTP request that an HTTP action answers.
import { SCRATCH, liftString } from "../abi";
import { readBody } from "./body";
import { decodeText } from "../bytes";
import { Headers } from "./headers";
import { JSON } from "../json";
import { METHODS } from "./methods";
import * as http from "../wasi/http";

// @ts-ignore: decorator
@lazy
const SCHEMES: StaticArray<string> = ["http", "https"];
const BODY = "the body of the request";

/** What nobody asks for is not fetched from the host. */
export class Request {
  private taken: Headers | null = null;
  private body: Uint8Array | null = null;

  /** Of an `incoming-request`. */
  constructor(private handle: i32) {}

  /** In upper case, if it is one that everybody knows. */
  get method(): string {
    http.requestMethod(this.handle, SCRATCH);
    const index = <i32>load<u8>(SCRATCH);
    return index < METHODS.length ? METHODS[index] : liftString(load<u32>(SCRATCH, 4), load<u32>(SCRATCH, 8));
  }

  /** The whole of it, with scheme and host. */
  get url(): string {
    http.requestScheme(this.handle, SCRATCH);
    // `option<scheme>`: the case at 0, the scheme's at 4, the text of another one at 8.
    const index = load<u8>(SCRATCH) ? <i32>load<u8>(SCRATCH, 4) : 0;
    const scheme = index < SCHEMES.length ? SCHEMES[index] : liftString(load<u32>(SCRATCH, 8), load<u32>(SCRATCH, 12));
    http.requestAuthority(this.handle, SCRATCH);
    const authority = optionalString("localhost");
    http.requestPath(this.handle, SCRATCH);
    return scheme + "://" + authority + optionalString("/");
  }

  get headers(): Headers {
    let headers = this.taken;
    if (headers === null) this.taken = headers = Headers.take(http.requestHeaders(this.handle));
    return headers;
  }

  /** The body as UTF-8. Throws if it is none. */
  text(): string {
    return decodeText(this.bytes(), BODY);
  }

  /** The body as JSON. Throws if it does not fit. */
  json<T>(): T {
    return JSON.parseAs<T>(this.text(), BODY + ": ");
  }

  bytes(): Uint8Array {
    let body = this.body;
    if (body === null) {
      http.consumeRequest(this.handle, SCRATCH);
      this.body = body = readBody(load<i32>(SCRATCH, 4), BODY);
    }
    return body;
  }
}

/** What a function wrote to `SCRATCH`, or another text. */
function optionalString(other: string): string {
  return load<u8>(SCRATCH) ? liftString(load<u32>(SCRATCH, 4), load<u32>(SCRATCH, 8)) : other;
}
