// The canonical ABI's layout of types: in memory, and flattened to a function's parameters.

const SIZES = { bool: 1, s8: 1, u8: 1, s16: 2, u16: 2, s32: 4, u32: 4, s64: 8, u64: 8, f32: 4, f64: 8 };
const FLAT = { s64: "i64", u64: "i64", f32: "f32", f64: "f64" };

/** More are passed in memory. */
export const MAX_FLAT_PARAMETERS = 16;

const roundUp = (offset, align) => Math.ceil(offset / align) * align;

/** The bytes of a discriminant of so many cases. */
export const tagSize = (cases) => (cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4);

const flagsSize = (type) => (type.members.length <= 8 ? 1 : type.members.length <= 16 ? 2 : 4);

/** The payloads of what has cases, null where a case has none. */
export function payloads(type) {
  if (type.kind === "option") return [null, type.element];
  if (type.kind === "result") return [type.ok, type.hasError ? { kind: "primitive", name: "string" } : null];
  return type.members.map((member) => member.type);
}

export function alignOf(type) {
  switch (type.kind) {
    case "primitive": return SIZES[type.name] ?? 4;
    case "list": return 4;
    case "enum": return tagSize(type.members.length);
    case "flags": return flagsSize(type);
    case "record": return Math.max(...type.members.map((member) => alignOf(member.type)));
  }
  const cases = payloads(type);
  return Math.max(tagSize(cases.length), ...cases.filter(Boolean).map(alignOf));
}

export function sizeOf(type) {
  switch (type.kind) {
    case "primitive": return SIZES[type.name] ?? 8;
    case "list": return 8;
    case "enum": return tagSize(type.members.length);
    case "flags": return flagsSize(type);
    case "record": return recordLayout(type.members).size;
  }
  const largest = Math.max(0, ...payloads(type).filter(Boolean).map(sizeOf));
  return roundUp(payloadOffset(type) + largest, alignOf(type));
}

/** The offset of each member, and the size of them all. */
export function recordLayout(members) {
  let end = 0;
  const offsets = members.map(({ type }) => {
    const offset = roundUp(end, alignOf(type));
    end = offset + sizeOf(type);
    return offset;
  });
  const align = Math.max(1, ...members.map(({ type }) => alignOf(type)));
  return { offsets, size: roundUp(end, align), align };
}

export function payloadOffset(type) {
  const cases = payloads(type);
  return roundUp(tagSize(cases.length), Math.max(1, ...cases.filter(Boolean).map(alignOf)));
}

/** The core types that a type is passed as. */
export function flatten(type) {
  switch (type.kind) {
    case "primitive": return type.name === "string" ? ["i32", "i32"] : [FLAT[type.name] ?? "i32"];
    case "list": return ["i32", "i32"];
    case "enum": case "flags": return ["i32"];
    case "record": return type.members.flatMap((member) => flatten(member.type));
  }
  const joined = [];
  for (const payload of payloads(type).filter(Boolean)) {
    flatten(payload).forEach((core, index) => (joined[index] = join(joined[index] ?? core, core)));
  }
  return ["i32", ...joined];
}

function join(a, b) {
  if (a === b) return a;
  return [a, b].every((core) => core === "i32" || core === "f32") ? "i32" : "i64";
}
