// node sieve.mjs TYPESCRIPT SOURCE: a guest's source without its types and imports, for Node.js.
//
// What AssemblyScript's library has and JavaScript's has not is put before it, in JavaScript's fastest form:
// an array of bytes, and no call around what is unchecked.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const [typescript, source] = process.argv.slice(2);
const ts = createRequire(import.meta.url)(typescript);
const text = (await readFile(source, "utf8")).replaceAll(/unchecked\(/g, "(");
const { outputText } = ts.transpileModule(text, { compilerOptions: { target: "ES2022", module: "ESNext" } });
const library = `
const StaticArray = Uint8Array;
class Value {
  static from(value) { return value; }
  toJSON() { return null; }
}
`;
process.stdout.write(library + outputText.replaceAll(/^import .*$/gm, "").replaceAll(/^export /gm, ""));
