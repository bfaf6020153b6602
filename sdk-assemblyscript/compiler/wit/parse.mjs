// The subset of WIT that AssemblyScript's types can be made of: one file, one package, its interfaces and a world of
// exports. What is beyond it is refused by name and line.
import { BuildError } from "../error.mjs";

const PRIMITIVES = new Set("bool s8 s16 s32 s64 u8 u16 u32 u64 f32 f64 string".split(" "));
const TOKEN = /\s+|\/\/[^\n]*|\/\*[^]*?\*\/|@(?:since|unstable|deprecated)\([^)]*\)|(->|%?[A-Za-z][\w-]*|\d[\w.+-]*|[^\s])/y;

/** The package `{ name, version, interfaces, worlds }` of a text. */
export function parseWit(text, file) {
  return new Parser(text, file).package();
}

class Parser {
  constructor(text, file) {
    this.file = file;
    this.text = text;
    this.tokens = [];
    TOKEN.lastIndex = 0;
    for (let match; TOKEN.lastIndex < text.length && (match = TOKEN.exec(text)); ) {
      if (match[1]) this.tokens.push({ word: match[1], at: match.index });
    }
    this.next = 0;
  }

  package() {
    const found = { id: "", version: "", interfaces: new Map(), worlds: new Map() };
    this.expect("package");
    found.id = `${this.name()}:${(this.expect(":"), this.name())}`;
    if (this.takes("@")) while (!this.is(";")) found.version += this.word();
    this.expect(";");
    while (this.peek()) {
      const kind = this.word();
      const name = this.name();
      if (kind === "interface") found.interfaces.set(name, this.items(false));
      else if (kind === "world") found.worlds.set(name, this.items(true));
      else this.refuse(`\`${kind}\``);
    }
    return found;
  }

  /** What is between the braces of an interface or a world. */
  items(isWorld) {
    const items = { types: new Map(), functions: new Map(), exports: [] };
    this.expect("{");
    while (!this.takes("}")) {
      const kind = this.word();
      if (isWorld && kind === "export") this.export(items);
      else if (["record", "variant", "enum", "flags", "type"].includes(kind)) this.define(kind, items.types);
      else if (!isWorld && this.is(":")) items.functions.set(strip(kind), this.function());
      else this.refuse(`\`${kind}\``);
    }
    return items;
  }

  export(items) {
    const name = this.name();
    if (this.takes(":")) {
      if (!this.is("func")) this.refuse(`\`${this.word()}\``);
      items.functions.set(name, this.function(true));
    } else {
      items.exports.push(name);
      this.expect(";");
    }
  }

  function(isPastColon = false) {
    if (!isPastColon) this.expect(":");
    if (!this.takes("func")) this.refuse(`\`${this.word()}\``);
    this.expect("(");
    const parameters = this.list(")", () => ({ name: this.name(), type: (this.expect(":"), this.type()) }));
    const result = this.takes("->") ? this.type(true) : null;
    this.expect(";");
    return { parameters, result };
  }

  define(kind, types) {
    const name = this.name();
    if (kind === "type") {
      this.expect("=");
      types.set(name, { kind: "alias", type: this.type() });
      this.expect(";");
      return;
    }
    this.expect("{");
    const members = this.list("}", () => {
      const member = { name: this.name(), type: null };
      if (kind === "record") member.type = (this.expect(":"), this.type());
      if (kind === "variant" && this.takes("(")) {
        member.type = this.type();
        this.expect(")");
      }
      return member;
    });
    if (!members.length) this.refuse(`the empty ${kind} \`${name}\``);
    if (kind === "flags" && members.length > 31) this.refuse(`\`${name}\` with more than 31 flags`);
    types.set(name, { kind, name, members });
  }

  /** `isResult`: `result<…>` is only what a function returns. */
  type(isResult = false) {
    const word = this.word();
    if (PRIMITIVES.has(word)) return { kind: "primitive", name: word };
    if (word === "list" || word === "option") return this.generic(word);
    if (word === "result" && isResult) return this.result();
    if (["result", "tuple", "char", "own", "borrow", "stream", "future", "map"].includes(word)) this.refuse(`\`${word}\` here`);
    return { kind: "named", name: strip(word) };
  }

  generic(kind) {
    this.expect("<");
    const element = this.type();
    if (this.is(",")) this.refuse("a list of fixed length");
    this.expect(">");
    if (element.kind === "option") this.refuse(`\`${kind}<option<…>>\``);
    return { kind, element };
  }

  result() {
    const result = { kind: "result", ok: null, hasError: false };
    if (!this.takes("<")) return result;
    if (!this.takes("_")) result.ok = this.type();
    if (this.takes(",")) {
      if (!this.takes("string")) this.refuse("an error that is no string");
      result.hasError = true;
    }
    this.expect(">");
    return result;
  }

  list(end, item) {
    const items = [];
    while (!this.takes(end)) {
      items.push(item());
      if (!this.takes(",")) {
        this.expect(end);
        break;
      }
    }
    return items;
  }

  name() {
    const name = this.word();
    if (!/^%?[A-Za-z]/.test(name)) this.wrong("a name", name);
    return strip(name);
  }

  peek() {
    return this.tokens[this.next]?.word;
  }

  is(word) {
    return this.peek() === word;
  }

  takes(word) {
    if (!this.is(word)) return false;
    this.next++;
    return true;
  }

  word() {
    const word = this.peek();
    if (word === undefined) this.wrong("more", "the end");
    this.next++;
    return word;
  }

  expect(word) {
    const found = this.word();
    if (found !== word) this.wrong(`\`${word}\``, found);
  }

  place() {
    const at = this.tokens[Math.max(this.next - 1, 0)]?.at ?? 0;
    return `${this.file}:${this.text.slice(0, at).split("\n").length}`;
  }

  wrong(expected, found) {
    throw new BuildError(`${this.place()}: expected ${expected}, got \`${found}\``);
  }

  refuse(what) {
    throw new BuildError(
      `${this.place()}: ${what} is beyond the subset of WIT that AssemblyScript is generated from\n\n` +
        "hint: docs/writing-an-action/assemblyscript.md says what it has",
    );
  }
}

/** `%type` is the name `type`. */
const strip = (name) => name.replace(/^%/, "");
