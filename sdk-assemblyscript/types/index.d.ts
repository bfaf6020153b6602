// The package for editors and tsc; the compiler reads `assembly/`.

/** What the platform tells of this run. All of it is null outside of a platform. */
export declare class Activation {
  static current(): Activation;
  readonly id: string | null;
  /** The namespace of the caller. */
  readonly namespace: string | null;
  /** The action's full name. */
  readonly actionName: string | null;
  readonly actionVersion: string | null;
  readonly apiHost: string | null;
  /** The key of the caller's namespace, if the action is annotated with `provide-api-key`. */
  readonly apiKey: string | null;
  /** Milliseconds until the host ends the activation; -1 if it has no deadline. */
  readonly remaining: i64;
}

/** How an attempt ended. */
export declare class Outcome<R> {
  readonly ok: bool;
  /** The message of what was thrown, null if nothing was. */
  readonly error: string | null;
  /** The value. Throws what was thrown, if something was. */
  readonly value: R;
  /** The value, or another one if something was thrown. */
  or(other: R): R;
}

/** Calls a function with an argument and catches what it throws. Functions capture no variables. */
export declare function attempt<A, R>(argument: A, run: (argument: A) => R): Outcome<R>;

/** The message of an error for programs: `throw new Error(errorValue(details))`. */
export declare function errorValue<T>(details: T): string;

export declare namespace JSON {
  /** Throws where the text is no JSON, or other JSON, and says where and why. */
  function parse<T>(text: string): T;
  function stringify<T>(value: T): string;
}

/** JSON of any shape. A number stays as it was written. */
export declare class Value {
  static from<T>(value: T): Value;
  static object(): Value;
  readonly isNull: bool;
  readonly isObject: bool;
  readonly isArray: bool;
  readonly isString: bool;
  readonly isNumber: bool;
  readonly isBool: bool;
  readonly length: i32;
  readonly names: string[];
  as<T>(): T;
  at(index: i32): Value;
  get(name: string): Value | null;
  set<T>(name: string, value: T): Value;
  toString(): string;
}

/** JSON that stays text, to every digit, escape and space. */
export declare class RawValue {
  private constructor();
  static from<T>(value: T): RawValue;
  /** Without space around it. */
  readonly text: string;
  as<T>(): T;
}

/** The action inside of a middleware: the second parameter of its `main`. */
export declare class Next {
  private constructor();
  /** Runs it, once for each call. Throws its error, which stays as it is on its way to the caller. */
  run<I, O>(parameters: I): O;
  /** As `run`, and catches what it throws. */
  attempt<I, O>(parameters: I): Outcome<O>;
}

/** Waits. */
export declare function sleep(milliseconds: u64): void;

/** The headers of a request or a response, their names without regard to case. */
export declare class Headers {
  /** Of pairs, each of a name and a value. */
  constructor(pairs?: string[][]);
  /** Adds a value beside those that a name has. */
  append(name: string, value: string): void;
  /** Puts a value in the place of those that a name has. */
  set(name: string, value: string): void;
  delete(name: string): void;
  has(name: string): bool;
  /** The values of a name with a comma between them, or null. */
  get(name: string): string | null;
  getSetCookie(): string[];
  /** Each name once, in lower case. */
  keys(): string[];
}

/** An object literal may leave out what has a default. */
type Some<T> = { [Field in keyof T]?: T[Field] };

export declare class RequestInit {
  method: string;
  headers: Headers;
  body: string | null;
}

export declare class ResponseInit {
  status: i32;
  headers: Headers;
}

/** What `fetch` brought, or what an HTTP action answers. */
export declare class Response {
  /** A response of text, without a content type if `init` has none. */
  constructor(text?: string, init?: Some<ResponseInit>);
  static fromBytes(bytes: Uint8Array, init?: Some<ResponseInit>): Response;
  /** A response of JSON, of type `application/json` if `init` has none. */
  static json<T>(value: T, init?: Some<ResponseInit>): Response;
  /** Where it came from; empty for one that did not. */
  readonly url: string;
  readonly status: i32;
  readonly ok: bool;
  readonly headers: Headers;
  /** The body as UTF-8. Throws if it is none. */
  text(): string;
  json<T>(): T;
  bytes(): Uint8Array;
}

/** What an HTTP action's `handle` takes. */
export declare class Request {
  private constructor();
  readonly method: string;
  /** The whole of it, with scheme and host. */
  readonly url: string;
  readonly headers: Headers;
  /** The body as UTF-8. Throws if it is none. */
  text(): string;
  json<T>(): T;
  bytes(): Uint8Array;
}

/** Where the response goes, for an HTTP action that writes it piece by piece or works on after it. */
export declare class ResponseOutparam {
  private constructor();
  readonly isSet: bool;
  /** Sends a whole response. */
  set(response: Response): void;
  /** Sends status and headers. The body has to be closed. */
  start(init?: Some<ResponseInit>): OutgoingBody;
  /** Gives an error in the place of a response. */
  fail(message: string): void;
}

export declare class OutgoingBody {
  private constructor();
  /** Writes, and waits until it is taken. False if nobody takes any more. */
  write(bytes: Uint8Array): bool;
  /** Writes text as UTF-8. */
  writeText(text: string): bool;
  /** Throws if the body is not as long as its `content-length` said. */
  close(trailers?: Headers): void;
  /** Breaks the body off. */
  abort(): void;
}

/** An absolute URL. Nothing is normalized, encoded or decoded but `searchParams`. */
export declare class URL {
  constructor(url: string);
  static canParse(url: string): bool;
  readonly protocol: string;
  readonly host: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly searchParams: URLSearchParams;
}

/** The parameters of a query, or of a form. */
export declare class URLSearchParams {
  constructor(query?: string);
  has(name: string): bool;
  get(name: string): string | null;
  getAll(name: string): string[];
  /** Each name once. */
  keys(): string[];
}

/** Text of bytes that may be no UTF-8. */
export declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}

/** Sends a request and waits for the whole response. */
export declare function fetch(url: string, init?: Some<RequestInit>): Response;

export declare function readFile(path: string): Uint8Array;
export declare function readTextFile(path: string): string;
export declare function writeFile(path: string, bytes: Uint8Array): void;
export declare function writeTextFile(path: string, text: string): void;
/** The names in a directory, sorted. */
export declare function readDirectory(path: string): string[];

declare global {
  namespace process {
    interface ReadableStream {
      /** What is left of it, as UTF-8. Throws if it is none. */
      text(): string;
      /** What is left of it. */
      bytes(): Uint8Array;
    }
  }
}
