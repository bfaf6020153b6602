// WASI's functions, lowered by hand: that each is one of the WIT, with its type, and that a component has no more than its
// source calls.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const SDK = fileURLToPath(new URL("..", import.meta.url));
const BINDINGS = path.join(SDK, "assembly/wasi");
const DECLARATION = /@external\("([^"]+)", "([^"]+)"\)\nexport declare function (\w+)\(([^)]*)\)/g;
const run = promisify(execFile);

let folder;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "wow-action-"));
});
after(() => rm(folder, { recursive: true }));

/** The component of a source, as text: the names in it are as they are. */
async function built(source) {
  await writeFile(path.join(folder, "index.ts"), source);
  const program = path.join(SDK, "bin/wow-action.mjs");
  await run("node", [program, "build", "index.ts", "-o", "out.wasm"], { cwd: folder });
  return readFile(path.join(folder, "out.wasm"), "latin1");
}

/** What a file of bindings declares. */
async function declared(file) {
  const text = await readFile(path.join(BINDINGS, file), "utf8");
  return [...text.matchAll(DECLARATION)].map(([, from, name, local, parameters]) => {
    const count = parameters.split(",").filter((one) => one.trim()).length;
    return { interface: from, name, local, count };
  });
}

test("every function that is lowered by hand is one of WASI, with its type", async () => {
  const files = (await readdir(BINDINGS)).filter((file) => file.endsWith(".ts"));
  const imports = [];
  const calls = [];
  let all = [];
  for (const file of files) {
    const name = path.basename(file, ".ts");
    const functions = await declared(file);
    assert.ok(functions.length, file);
    imports.push(`import * as ${name} from "wow-action/wasi/${name}";`);
    calls.push(...functions.map(({ local, count }) => `${name}.${local}(${Array(count).fill("0").join(", ")});`));
    all = all.concat(functions);
  }
  assert.ok(all.length >= 60, `${all.length} functions`);
  // What is not of the WIT, or of another type there, is refused where the component is made.
  const component = await built(`${imports.join("\n")}\nexport function main(): void {\n  ${calls.join("\n  ")}\n}\n`);
  for (const one of all) {
    assert.ok(component.includes(one.interface) && component.includes(one.name), `${one.interface} ${one.name}`);
  }
});

test("a component has those functions that its source calls, and no other", async () => {
  const component = await built(`import { dropDescriptor, unlinkFileAt } from "wow-action/wasi/filesystem";
export function main(): void {
  unlinkFileAt(0, 0, 0, 0);
  dropDescriptor(0);
}
`);
  const interfaces = new Set(component.match(/wasi:[\w/-]+@[\d.]+/g));
  assert.deepEqual([...interfaces], ["wasi:filesystem/types@0.2.12"]);
  const functions = new Set(component.match(/\[(?:method|resource-drop|static|constructor)\][\w.-]+/g));
  assert.deepEqual([...functions].sort(), ["[method]descriptor.unlink-file-at", "[resource-drop]descriptor"]);
});
