// JSON of an action's classes: three methods for each class, written from its fields. A method that nothing calls is
// not compiled, so every class gets them.
import { CommonFlags, NodeKind } from "assemblyscript";
import { textOf } from "./shapes.mjs";

/** Types that are zero until they are given; the compiler asks nothing of them. */
const NUMBERS = new Set(
  "bool boolean number i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64".split(" "),
);
const NOT_JSON = CommonFlags.Static | CommonFlags.Private | CommonFlags.Protected;

/** Adds the methods to every class of a source. `parse` makes statements of code. */
export function addCodecs(source, parse) {
  const classes = source.statements.filter((statement) => statement.kind === NodeKind.ClassDeclaration);
  if (!classes.length) return;
  for (const declaration of classes) {
    const fields = declaration.members.filter(isJson).map(describe);
    const [methods] = parse(codecs(declaration, fields));
    declaration.members.push(...methods.members);
  }
  source.statements.push(
    ...parse(`
import { Reader as __wowReader, Writer as __wowWriter, read as __wowRead, write as __wowWriteValue } from "wow-action/json";
`),
  );
}

function isJson(member) {
  return member.kind === NodeKind.FieldDeclaration && !(member.flags & NOT_JSON) && member.type;
}

function describe(field) {
  const type = textOf(field.type);
  // A parameter of the constructor may be a field, too: it is assigned there.
  const required = !field.initializer && field.parameterIndex < 0 && !/\|\s*null\s*$/.test(type);
  // It is given before anybody reads it, or the parameters are refused.
  if (required && !NUMBERS.has(type)) field.flags |= CommonFlags.DefinitelyAssigned;
  return { name: field.name.text, type, required };
}

/** Which fields were seen is a bit for each, in a field that bears the class's name: a base class has its own. */
function codecs(declaration, fields) {
  const seen = (index) => `this.__wowSeen${declaration.name.text}${index >> 6}`;
  const bit = (index) => `((<u64>1) << ${index & 63})`;
  const words = fields.length ? (fields.length + 63) >> 6 : 0;
  const declared = Array.from({ length: words }, (_, word) => `private ${seen(word << 6).slice(5)}: u64 = 0;`);
  const reads = fields.map(({ name, type }, index) => {
    const key = JSON.stringify(name);
    return `if (reader.keyIs(${key})) {
      if (${seen(index)} & ${bit(index)}) reader.refuse("given twice");
      ${seen(index)} |= ${bit(index)};
      this.${name} = __wowRead<${type}>(reader);
      return true;
    }`;
  });
  const missing = fields.flatMap(({ name, required }, index) =>
    required ? [`if (!(${seen(index)} & ${bit(index)})) reader.missing(${JSON.stringify(name)});`] : [],
  );
  const writes = fields.map(
    ({ name, type }) => `writer.key(${JSON.stringify(name)}, first); first = false;
    __wowWriteValue<${type}>(this.${name}, writer);`,
  );
  const base = declaration.extendsType ? "super." : null;
  return `class __wow {
  ${declared.join("\n")}
  __wowField(reader: __wowReader): bool { ${reads.join("\n")} return ${base ? `${base}__wowField(reader)` : "false"}; }
  __wowMissing(reader: __wowReader): void { ${base ? `${base}__wowMissing(reader);` : ""} ${missing.join("\n")} }
  __wowWrite(writer: __wowWriter, first: bool): bool {
    ${base ? `first = ${base}__wowWrite(writer, first);` : ""} ${writes.join("\n")} return first;
  }
}`;
}
