// JSON (RFC 8259) as AssemblyScript's types: the front door of `json/`.
import { Reader } from "./json/reader";
import { Writer } from "./json/writer";
import { read } from "./json/read";
import { write } from "./json/write";

export { Reader } from "./json/reader";
export { Writer } from "./json/writer";
export { RawValue } from "./json/raw";
export { Value } from "./json/value";
export { read } from "./json/read";
export { write } from "./json/write";

export namespace JSON {
  /** Reads a text as a type. Throws where it is no JSON, or other JSON, and says where and why. */
  export function parse<T>(text: string): T {
    return parseAs<T>(text, "");
  }

  /** As `parse`, with words before the message of an error. */
  export function parseAs<T>(text: string, prefix: string): T {
    const reader = new Reader(text, prefix);
    const value = read<T>(reader);
    reader.finish();
    return value;
  }

  /** Writes a value as text. Throws at a number that JSON does not have. */
  export function stringify<T>(value: T): string {
    const writer = new Writer();
    write<T>(value, writer);
    return writer.finish();
  }
}
