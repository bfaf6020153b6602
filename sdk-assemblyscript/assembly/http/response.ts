// An HTTP response that is whole: what a server sent, or what an HTTP action answers.
import { decodeText, encodeText } from "../bytes";
import { Headers } from "./headers";
import { JSON } from "../json";

export class ResponseInit {
  status: i32 = 200;
  headers: Headers = new Headers();
}

export class Response {
  readonly status: i32;
  readonly headers: Headers;
  private body: Uint8Array;

  /** A response of text. */
  constructor(
    text: string = "",
    init: ResponseInit = new ResponseInit(),
    /** Where it came from; empty for one that did not. */
    readonly url: string = "",
  ) {
    this.status = init.status;
    this.headers = init.headers;
    this.body = encodeText(text);
  }

  static fromBytes(bytes: Uint8Array, init: ResponseInit = new ResponseInit(), url: string = ""): Response {
    const response = new Response("", init, url);
    response.body = bytes;
    return response;
  }

  /** A response of JSON, with its content type if `init` has none. */
  static json<T>(value: T, init: ResponseInit = new ResponseInit()): Response {
    if (!init.headers.has("content-type")) init.headers.set("content-type", "application/json");
    return new Response(JSON.stringify<T>(value), init);
  }

  get ok(): bool {
    return this.status >= 200 && this.status < 300;
  }

  /** The body as UTF-8. Throws if it is none. */
  text(): string {
    return decodeText(this.body, "the body of `" + this.url + "`");
  }

  /** The body as JSON. Throws if it does not fit. */
  json<T>(): T {
    return JSON.parse<T>(this.text());
  }

  bytes(): Uint8Array {
    return this.body;
  }
}
