// An action is TypeScript, too: an editor shows no error that the compiler does not have.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const SDK = fileURLToPath(new URL("..", import.meta.url));
const GUESTS = path.join(SDK, "../guests");

test("every guest passes tsc with AssemblyScript's types", () => {
  const guests = readdirSync(GUESTS)
    .map((behaviour) => path.join(GUESTS, behaviour, "assemblyscript/assembly/index.ts"))
    .filter((file) => existsSync(file));
  assert.ok(guests.length >= 14, `${guests.length} guests`);
  const base = createRequire(import.meta.url).resolve("assemblyscript/std/assembly.json");
  const { config } = ts.readConfigFile(base, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, path.dirname(base));
  const paths = { "wow-action": [path.join(SDK, "types/index.d.ts")], "wow-action/typed": [path.join(SDK, "types/typed.d.ts")] };
  // Each alone, as in a project of its own.
  for (const guest of guests) {
    const program = ts.createProgram([guest], { ...options, noEmit: true, paths, strict: true, strictPropertyInitialization: false });
    const diagnostics = ts.getPreEmitDiagnostics(program).map((one) => ts.flattenDiagnosticMessageText(one.messageText, "\n"));
    assert.deepEqual(diagnostics, [], guest);
  }
});
