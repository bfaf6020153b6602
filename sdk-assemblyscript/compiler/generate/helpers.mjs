// A function to lift and one to lower for every type of a world that is more than a load.
import { payloadOffset, payloads, recordLayout, sizeOf, tagSize } from "../wit/layout.mjs";
import { camel, pascal } from "./names.mjs";
import { isBoxed, isBytes, lift, lower, nameOf, typeText } from "./types.mjs";

/** The functions, those that parameters need and those that results need. */
export function helpers(model) {
  const lifted = new Map();
  const lowered = new Map();
  for (const { parameters, result } of model.functions) {
    parameters.forEach(({ type }) => collect(type, lifted));
    if (result) collect(result.kind === "result" ? result.ok : result, lowered);
  }
  return [...[...lifted.values()].map(lifting), ...[...lowered.values()].map(lowering)];
}

/** What a type is made of comes before it. */
function collect(type, found) {
  if (!type || type.kind === "primitive" || isBytes(type)) return;
  const parts = type.element ? [type.element] : type.members.map((member) => member.type);
  parts.forEach((part) => collect(part, found));
  found.set(nameOf(type), type);
}

/** Loads or stores a discriminant. */
const tag = (type) => `u${8 * tagSize(payloads(type).length)}`;
const scalar = (type) => `u${8 * sizeOf(type)}`;

function lifting(type) {
  return `function lift${nameOf(type)}(at: usize): ${typeText(type)} {\n${liftBody(type)}\n}`;
}

function liftBody(type) {
  switch (type.kind) {
    case "enum": case "flags": return `  return <${pascal(type.name)}>load<${scalar(type)}>(at);`;
    case "record": {
      const { offsets } = recordLayout(type.members);
      const members = type.members.map((member, index) => `    ${lift(member.type, `at + ${offsets[index]}`)},`);
      return `  return new ${pascal(type.name)}(\n${members.join("\n")}\n  );`;
    }
    case "option": {
      const payload = lift(type.element, `at + ${payloadOffset(type)}`);
      const value = isBoxed(type) ? `new Option<${typeText(type.element)}>(${payload})` : payload;
      return `  if (!load<u8>(at)) return null;\n  return ${value};`;
    }
    case "list": return `  const start = <usize>load<u32>(at);
  const length = load<i32>(at, 4);
  const list = new Array<${typeText(type.element)}>();
  for (let i = 0; i < length; i++) list.push(${lift(type.element, `start + i * ${sizeOf(type.element)}`)});
  releaseList(start, length);
  return list;`;
  }
  const cases = type.members.map((member, index) => {
    const payload = member.type ? lift(member.type, `at + ${payloadOffset(type)}`) : "";
    // The host has checked that there is no other case.
    const condition = index === type.members.length - 1 ? "" : `if (tag == ${index}) `;
    return `  ${condition}return ${pascal(type.name)}.${camel(member.name)}(${payload});`;
  });
  return `  const tag = load<${tag(type)}>(at);\n${cases.join("\n")}`;
}

function lowering(type) {
  return `function lower${nameOf(type)}(at: usize, value: ${typeText(type)}): void {\n${lowerBody(type)}\n}`;
}

function lowerBody(type) {
  switch (type.kind) {
    case "enum": case "flags": return `  store<${scalar(type)}>(at, <${scalar(type)}>value);`;
    case "record": {
      const { offsets } = recordLayout(type.members);
      const members = type.members.map(
        (member, index) => `  ${lower(member.type, `at + ${offsets[index]}`, `value.${camel(member.name)}`)}`,
      );
      return members.join("\n");
    }
    case "option": {
      const payload = isBoxed(type) ? "value.value" : "value";
      return `  store<u8>(at, value !== null);\n  if (value !== null) {
    ${lower(type.element, `at + ${payloadOffset(type)}`, payload)}\n  }`;
    }
    case "list": return `  const start = storeList(at, value.length, ${sizeOf(type.element)});
  for (let i = 0; i < value.length; i++) {
    ${lower(type.element, `start + i * ${sizeOf(type.element)}`, "value[i]")}
  }`;
  }
  const cases = type.members.flatMap((member) => {
    const name = pascal(member.name);
    if (!member.type) return [];
    const payload = lower(member.type, `at + ${payloadOffset(type)}`, `value.as${name}`);
    return [`  if (value.tag == ${pascal(type.name)}Case.${name}) ${payload}`];
  });
  return `  store<${tag(type)}>(at, <${tag(type)}>value.tag);\n${cases.join("\n")}`;
}
