#!/usr/bin/env node
// The command line. Exit codes: 0 fine, 1 yours, 2 ours.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { build, buildTyped } from "../compiler/build.mjs";
import { BuildError } from "../compiler/error.mjs";
import { generate } from "../compiler/generate.mjs";
import { readModel } from "../compiler/wit/model.mjs";

const USAGE = `Usage: wow-action build SOURCE [-o action.wasm] [options]
       wow-action generate WIT [-o assembly/world.ts]

build makes a component of an action:
  -o, --out FILE        The component [default: action.wasm]
      --wit PLACE       The types of the functions that SOURCE exports, instead of a main
      --debug           Not optimized; every throw is logged with its place
      --small           Optimized for size instead of speed
      --no-exceptions   A throw logs its message and traps: for hosts without exceptions
      --runtime NAME    AssemblyScript's: incremental (default), minimal or stub

generate makes the classes and exports of a world:
  -o, --out FILE        The source [default: assembly/world.ts]
`;

const OPTIONS = {
  out: { type: "string", short: "o" },
  wit: { type: "string" },
  debug: { type: "boolean", default: false },
  small: { type: "boolean", default: false },
  "no-exceptions": { type: "boolean", default: false },
  runtime: { type: "string", default: "incremental" },
  help: { type: "boolean", short: "h", default: false },
};

async function main() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const [command, source, ...rest] = positionals;
  const commands = { build: buildTo, generate: generateTo };
  if (!Object.hasOwn(commands, command) || !source || rest.length) throw new BuildError(USAGE.trimEnd());
  await commands[command](source, values);
}

async function buildTo(source, values) {
  const options = {
    exceptions: !values["no-exceptions"],
    debug: values.debug,
    small: values.small,
    runtime: values.runtime,
    warn: (text) => process.stderr.write(text),
  };
  const component = values.wit ? await buildTyped(source, values.wit, options) : await build(source, options);
  const out = values.out ?? "action.wasm";
  await mkdir(path.dirname(out), { recursive: true });
  await writeFile(out, component);
  process.stderr.write(`${out}: ${component.length} bytes\n`);
}

async function generateTo(source, values) {
  await writeFile(values.out ?? "assembly/world.ts", generate(await readModel(source)));
}

main().catch((error) => {
  const isTheirs = error instanceof BuildError || error.code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(`${isTheirs ? error.message : error.stack}\n`);
  process.exitCode = isTheirs ? 1 : 2;
});
