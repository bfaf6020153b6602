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

export declare class RequestInit {
  method: string;
  headers: Map<string, string>;
  body: string | null;
}

export declare class Response {
  readonly url: string;
  readonly status: i32;
  readonly ok: bool;
  /** Names in lower case. */
  readonly headers: Map<string, string>;
  text(): string;
  bytes(): Uint8Array;
}

/** Sends a request and waits for the whole response. */
export declare function fetch(url: string, init?: RequestInit): Response;

export declare function readFile(path: string): Uint8Array;
export declare function readTextFile(path: string): string;
export declare function writeFile(path: string, bytes: Uint8Array): void;
export declare function writeTextFile(path: string, text: string): void;
/** The names in a directory, sorted. */
export declare function readDirectory(path: string): string[];
