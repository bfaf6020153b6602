// JSON that stays text.
import { JSON } from "../json";
import { Reader } from "./reader";

/** A value as it was written, to every digit, escape and space. */
export class RawValue {
  private constructor(
    /** JSON, without space around it. */
    readonly text: string,
  ) {}

  /** What any value is as JSON. */
  static from<T>(value: T): RawValue {
    return new RawValue(JSON.stringify<T>(value));
  }

  /** This value as a type, as strictly as parameters are. */
  as<T>(): T {
    return JSON.parse<T>(this.text);
  }

  static read(reader: Reader): RawValue {
    return new RawValue(reader.raw());
  }
}
