// JSON of any shape. A number stays the text that it came as, so that nothing of it is lost.
import { JSON } from "../json";
import { Kind, Reader } from "./reader";
import { read } from "./read";
import { Writer } from "./writer";

export class Value {
  private kind: Kind = Kind.Null;
  /** A string, or a number as it is written. */
  private text: string = "";
  private truth: bool = false;
  private elements: Value[] | null = null;
  private members: Map<string, Value> | null = null;

  /** What any value is as JSON: `Value.from<string>("a")`, `Value.from(instance)`. */
  static from<T>(value: T): Value {
    return JSON.parse<Value>(JSON.stringify<T>(value));
  }

  /** `{}`. */
  static object(): Value {
    const value = new Value();
    value.kind = Kind.Object;
    value.members = new Map();
    return value;
  }

  get isNull(): bool {
    return this.kind == Kind.Null;
  }

  get isObject(): bool {
    return this.kind == Kind.Object;
  }

  get isArray(): bool {
    return this.kind == Kind.Array;
  }

  get isString(): bool {
    return this.kind == Kind.String;
  }

  get isNumber(): bool {
    return this.kind == Kind.Number;
  }

  get isBool(): bool {
    return this.kind == Kind.Bool;
  }

  /** This value as a type, as strictly as parameters are. */
  as<T>(): T {
    return JSON.parse<T>(this.toString());
  }

  /** How many elements or members there are. */
  get length(): i32 {
    const elements = this.elements;
    if (elements !== null) return elements.length;
    const members = this.members;
    return members === null ? 0 : members.size;
  }

  /** An element of an array. Throws where there is none. */
  at(index: i32): Value {
    const elements = this.elements;
    if (elements === null || index < 0 || index >= elements.length) {
      throw new Error("the value has no element " + index.toString());
    }
    return elements[index];
  }

  /** A member of an object, or null. */
  get(name: string): Value | null {
    const members = this.members;
    return members !== null && members.has(name) ? members.get(name) : null;
  }

  /** The names of an object's members, in their order. */
  get names(): string[] {
    const members = this.members;
    return members === null ? [] : members.keys();
  }

  /** Sets a member of an object. Throws if it is none. */
  set<T>(name: string, value: T): Value {
    const members = this.members;
    if (members === null) throw new Error("the value is no object");
    members.set(name, Value.from<T>(value));
    return this;
  }

  /** JSON. */
  toString(): string {
    const writer = new Writer();
    this.write(writer);
    return writer.finish();
  }

  static read(reader: Reader): Value {
    const value = new Value();
    value.kind = reader.kind();
    switch (value.kind) {
      case Kind.Null: reader.null(); break;
      case Kind.Bool: value.truth = reader.bool(); break;
      case Kind.Number: value.text = reader.number(""); break;
      case Kind.String: value.text = reader.string(); break;
      case Kind.Array: value.elements = read<Value[]>(reader); break;
      case Kind.Object: value.members = read<Map<string, Value>>(reader);
    }
    return value;
  }

  write(writer: Writer): void {
    switch (this.kind) {
      case Kind.Null: writer.raw("null"); return;
      case Kind.Bool: writer.raw(this.truth ? "true" : "false"); return;
      case Kind.Number: writer.raw(this.text); return;
      case Kind.String: writer.string(this.text); return;
      case Kind.Array: this.writeElements(writer); return;
      case Kind.Object: this.writeMembers(writer);
    }
  }

  private writeElements(writer: Writer): void {
    const elements = this.elements!;
    writer.unit(0x5b);
    for (let i = 0; i < elements.length; i++) {
      if (i) writer.unit(0x2c);
      elements[i].write(writer);
    }
    writer.unit(0x5d);
  }

  private writeMembers(writer: Writer): void {
    const members = this.members!;
    const names = members.keys();
    writer.unit(0x7b);
    for (let i = 0; i < names.length; i++) {
      writer.key(names[i], i == 0);
      members.get(names[i]).write(writer);
    }
    writer.unit(0x7d);
  }
}
