#!/usr/bin/env node
// The command line. Exit codes: 0 fine, 1 yours, 2 ours.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { BuildError, build } from "../compiler/build.mjs";

const USAGE = `Usage: wow-action build SOURCE [-o action.wasm] [options]

  -o, --out FILE        The component [default: action.wasm]
      --debug           Not optimized; every throw is logged with its place
      --no-exceptions   A throw logs its message and traps: for hosts without exceptions
      --runtime NAME    AssemblyScript's: incremental (default), minimal or stub
`;

const OPTIONS = {
  out: { type: "string", short: "o", default: "action.wasm" },
  debug: { type: "boolean", default: false },
  "no-exceptions": { type: "boolean", default: false },
  runtime: { type: "string", default: "incremental" },
  help: { type: "boolean", short: "h", default: false },
};

async function main() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [command, entry, ...rest] = positionals;
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (command !== "build" || !entry || rest.length) throw new BuildError(USAGE.trimEnd());
  const component = await build(entry, {
    exceptions: !values["no-exceptions"],
    debug: values.debug,
    runtime: values.runtime,
    warn: (text) => process.stderr.write(text),
  });
  await writeFile(values.out, component);
  process.stderr.write(`${values.out}: ${component.length} bytes\n`);
}

main().catch((error) => {
  const isTheirs = error instanceof BuildError || error.code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(`${isTheirs ? error.message : error.stack}\n`);
  process.exitCode = isTheirs ? 1 : 2;
});
