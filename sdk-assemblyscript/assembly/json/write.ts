// AssemblyScript's types to tokens.
import { RawValue } from "./raw";
import { Value } from "./value";
import { Writer } from "./writer";
import { printFloat64 } from "../number/print";

/** Writes a value. */
export function write<T>(value: T, writer: Writer): void {
  if (isBoolean<T>()) writer.raw(value ? "true" : "false");
  else if (isInteger<T>()) writer.raw(value.toString());
  else if (isFloat<T>()) writer.raw(printFloat<T>(value));
  else if (isNullable<T>()) {
    if (changetype<usize>(value) == 0) writer.raw("null");
    else write<NonNullable<T>>(changetype<NonNullable<T>>(value), writer);
  } else if (isString<T>()) writer.string(<string>value);
  else if (isArray<T>()) {
    writer.unit(0x5b);
    for (let i = 0, length = value.length; i < length; i++) {
      if (i) writer.unit(0x2c);
      write<valueof<T>>(value[i], writer);
    }
    writer.unit(0x5d);
  } else if (idof<T>() == idof<Value>()) changetype<Value>(value).write(writer);
  else if (idof<T>() == idof<RawValue>()) writer.raw(changetype<RawValue>(value).text);
  else writeObject<T>(value, writer);
}

function writeObject<T>(value: T, writer: Writer): void {
  if (!isManaged<T>() || isFunction<T>()) ERROR("JSON has no such type; use a class, an array, a Map or Value");
  writer.unit(0x7b);
  if (value instanceof Map) {
    const keys = value.keys();
    for (let i = 0; i < keys.length; i++) {
      writer.key(keys[i], i == 0);
      write<valueof<T>>(value.get(keys[i]), writer);
    }
  } else {
    // @ts-ignore: `compiler/codecs.mjs` adds it
    value.__wowWrite(writer, true);
  }
  writer.unit(0x7d);
}

function printFloat<T>(value: T): string {
  if (!isFinite<T>(value)) throw new Error(value.toString() + " is no number of JSON");
  return printFloat64(<f64>value);
}
