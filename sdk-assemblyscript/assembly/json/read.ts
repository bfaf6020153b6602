// Tokens to AssemblyScript's types. What is not in a type's range is refused, not rounded.
import { RawValue } from "./raw";
import { Reader } from "./reader";
import { Value } from "./value";
import { parseFloat64 } from "../number/parse";
import { Whole, parseWhole } from "../number/whole";

/** The number that was read last. */
const whole = new Whole();

/** Reads the next value as a type. */
export function read<T>(reader: Reader): T {
  if (isBoolean<T>()) return <T>reader.bool();
  if (isInteger<T>()) return readWhole<T>(reader);
  if (isFloat<T>()) return readFloat<T>(reader);
  if (isNullable<T>()) {
    if (reader.null()) return changetype<T>(0);
    return changetype<T>(read<NonNullable<T>>(reader));
  }
  if (isString<T>()) return changetype<T>(reader.string());
  if (isArray<T>()) return readArray<T>(reader);
  if (idof<T>() == idof<Value>()) return changetype<T>(Value.read(reader));
  if (idof<T>() == idof<RawValue>()) return changetype<T>(RawValue.read(reader));
  return readObject<T>(reader);
}

function readWhole<T>(reader: Reader): T {
  const text = reader.number(nameof<T>());
  if (!parseWhole(text, whole)) reader.refuse("expected " + nameof<T>() + ", got the number " + text);
  const magnitude = whole.magnitude;
  if (isSigned<T>()) {
    const bound: u64 = (<u64>1) << (sizeof<T>() * 8 - 1);
    if (whole.isNegative ? magnitude <= bound : magnitude < bound) {
      return <T>(whole.isNegative ? 0 - <i64>magnitude : <i64>magnitude);
    }
  } else if (magnitude <= <u64>(<T>-1) && (!whole.isNegative || magnitude == 0)) {
    return <T>magnitude;
  }
  reader.refuse("expected " + nameof<T>() + ", got the number " + text);
  return 0;
}

function readFloat<T>(reader: Reader): T {
  const text = reader.number("a number");
  const number = parseFloat64(text);
  if (!isFinite(<f64><T>number)) reader.refuse("expected " + nameof<T>() + ", got the number " + text);
  return <T>number;
}

function readArray<T>(reader: Reader): T {
  const array = instantiate<T>(0);
  reader.enterArray();
  while (reader.nextElement()) array.push(read<valueof<T>>(reader));
  return array;
}

function readObject<T>(reader: Reader): T {
  if (!isManaged<T>() || isFunction<T>()) ERROR("JSON has no such type; use a class, an array, a Map or Value");
  const object = instantiate<T>();
  reader.enterObject();
  if (object instanceof Map) {
    while (reader.nextKey()) {
      const key = reader.key();
      if (object.has(key)) reader.refuse("given twice");
      object.set(key, read<valueof<T>>(reader));
    }
  } else {
    // @ts-ignore: `compiler/codecs.mjs` adds both
    while (reader.nextKey()) if (!object.__wowField(reader)) reader.skip();
    // @ts-ignore
    object.__wowMissing(reader);
  }
  return object;
}
