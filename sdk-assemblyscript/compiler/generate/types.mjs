// What a type of WIT is called in AssemblyScript, and the expressions that lift and lower it.
import { pascal } from "./names.mjs";

const PRIMITIVES = { s8: "i8", s16: "i16", s32: "i32", s64: "i64" };

export const isBytes = (type) => type.kind === "list" && type.element.name === "u8";

/** What can be null by itself. */
const isReference = (type) =>
  ["list", "record", "variant"].includes(type.kind) || (type.kind === "primitive" && type.name === "string");

/** An option of what cannot be null is an object of its own. */
export const isBoxed = (type) => type.kind === "option" && !isReference(type.element);

export function typeText(type) {
  switch (type.kind) {
    case "primitive": return PRIMITIVES[type.name] ?? type.name;
    case "list": return isBytes(type) ? "Uint8Array" : `${typeText(type.element)}[]`;
    case "option": return isBoxed(type) ? `Option<${typeText(type.element)}> | null` : `${typeText(type.element)} | null`;
  }
  return pascal(type.name);
}

/** A name for the functions that lift and lower a type. */
export function nameOf(type) {
  if (type.kind === "list" || type.kind === "option") return pascal(type.kind) + nameOf(type.element);
  return pascal(type.name);
}

/** An expression that makes a value of what lies at an address. */
export function lift(type, at) {
  if (type.kind === "primitive") {
    return type.name === "string" ? `liftString(load<u32>(${at}), load<u32>(${at} + 4))` : `load<${typeText(type)}>(${at})`;
  }
  if (isBytes(type)) return `Uint8Array.wrap(liftBytes(load<u32>(${at}), load<u32>(${at} + 4)))`;
  return `lift${nameOf(type)}(${at})`;
}

/** A statement that writes a value to an address. */
export function lower(type, at, value) {
  if (type.kind === "primitive") {
    return type.name === "string" ? `storeString(${at}, ${value});` : `store<${typeText(type)}>(${at}, ${value});`;
  }
  if (isBytes(type)) return `storeBytes(${at}, ${value});`;
  return `lower${nameOf(type)}(${at}, ${value});`;
}
