// HTTP's headers, in the shape that people know from `fetch`.
import { SCRATCH, liftBytes, liftString, releaseList, wellFormed } from "../abi";
import { encodeText } from "../bytes";
import { Pairs } from "./pairs";
import { decode } from "../utf8";
import * as http from "../wasi/http";

/** Of a `tuple<string, list<u8>>`. */
const ENTRY: usize = 16;

/** Names without regard to case, which are in lower case here. */
export class Headers extends Pairs {
  /** Of pairs, each of a name and a value. */
  constructor(pairs: string[][] = []) {
    super();
    for (let i = 0; i < pairs.length; i++) this.append(pairs[i][0], pairs[i][1]);
  }

  /** Adds a value beside those that a name has. */
  append(name: string, value: string): void {
    this.add(name.toLowerCase(), value);
  }

  /** Puts a value in the place of those that a name has. */
  set(name: string, value: string): void {
    this.delete(name);
    this.append(name, value);
  }

  delete(name: string): void {
    const key = name.toLowerCase();
    for (let i = this.names.length - 1; i >= 0; i--) {
      if (this.names[i] != key) continue;
      this.names.splice(i, 1);
      this.values.splice(i, 1);
    }
  }

  has(name: string): bool {
    return this.names.includes(name.toLowerCase());
  }

  /** The values of a name with a comma between them, or null. */
  get(name: string): string | null {
    const values = this.valuesOf(name.toLowerCase());
    return values.length ? values.join(", ") : null;
  }

  /** The values of `set-cookie`, which may have commas inside. */
  getSetCookie(): string[] {
    return this.valuesOf("set-cookie");
  }

  /** What the host has as `fields`, which it gets back. */
  static take(fields: i32): Headers {
    const headers = new Headers();
    http.entries(fields, SCRATCH);
    const list = <usize>load<u32>(SCRATCH);
    const length = <usize>load<u32>(SCRATCH, 4);
    for (let entry = list; entry < list + length * ENTRY; entry += ENTRY) {
      const name = liftString(load<u32>(entry), load<u32>(entry, 4));
      const value = liftBytes(load<u32>(entry, 8), load<u32>(entry, 12));
      headers.append(name, decode(changetype<usize>(value), value.byteLength, false)!);
    }
    releaseList(list, length);
    http.dropFields(fields);
    return headers;
  }

  /** `fields` for the host. Throws at what HTTP does not allow; `failure` goes before the error. */
  toFields(failure: string): i32 {
    const fields = http.newFields();
    for (let i = 0; i < this.names.length; i++) {
      const name = wellFormed(this.names[i]);
      const value = encodeText(this.values[i]);
      http.append(fields, changetype<usize>(name), name.length, value.dataStart, value.byteLength, SCRATCH);
      if (load<u8>(SCRATCH)) throw new Error(failure + "the header `" + name + "` is not allowed");
    }
    return fields;
  }
}
