// The classes and enums that an action sees.
import { camel, pascal } from "./names.mjs";
import { typeText } from "./types.mjs";

/** The names that a type's declarations have. */
export function declared(type) {
  const name = pascal(type.name);
  return type.kind === "variant" ? [`${name}Case`, name] : [name];
}

export function declarations(type) {
  const name = pascal(type.name);
  const members = type.members.map((member) => ({ ...member, pascal: pascal(member.name), camel: camel(member.name) }));
  switch (type.kind) {
    case "record": return record(name, members);
    case "enum": return `export enum ${name} {\n${members.map((one) => `  ${one.pascal},`).join("\n")}\n}`;
    case "flags":
      return `/** To be joined by \`|\`. */\nexport enum ${name} {\n${members
        .map((one, index) => `  ${one.pascal} = ${2 ** index},`)
        .join("\n")}\n}`;
  }
  return variant(name, members);
}

function record(name, members) {
  const parameters = members.map((one) => `    public ${one.camel}: ${typeText(one.type)},`);
  return `export class ${name} {\n  constructor(\n${parameters.join("\n")}\n  ) {}\n}`;
}

/** A tag, and a payload that only the case that has it gives out. */
function variant(name, members) {
  const carried = members.filter((one) => one.type);
  const fields = carried.map((one) => `  private payload${one.pascal}: Option<${typeText(one.type)}> | null = null;`);
  const makers = members.map((one) =>
    one.type
      ? `  static ${one.camel}(value: ${typeText(one.type)}): ${name} {
    const made = new ${name}(${name}Case.${one.pascal});
    made.payload${one.pascal} = new Option<${typeText(one.type)}>(value);
    return made;
  }`
      : `  static ${one.camel}(): ${name} {
    return new ${name}(${name}Case.${one.pascal});
  }`,
  );
  const getters = carried.map(
    (one) => `  get as${one.pascal}(): ${typeText(one.type)} {
    const payload = this.payload${one.pascal};
    if (payload === null) throw new Error("this ${name} is no ${one.name}");
    return payload.value;
  }`,
  );
  const cases = `export enum ${name}Case {\n${members.map((one) => `  ${one.pascal},`).join("\n")}\n}`;
  const parts = [...fields, `  private constructor(readonly tag: ${name}Case) {}`, ...makers, ...getters];
  return `${cases}\n\nexport class ${name} {\n${parts.join("\n\n")}\n}`;
}
