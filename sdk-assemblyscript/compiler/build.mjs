// From a source file to a component. Knows the compilers, and nothing of the command line.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";
import asc from "assemblyscript/asc";
import { BuildError, transformFor } from "./transform.mjs";
import { readWit } from "./wit.mjs";

export { BuildError };

const SDK = fileURLToPath(new URL("..", import.meta.url));
const OWN_FILE = /(?:^|[\\/])node_modules[\\/]wow-action[\\/](.*)$/;
const GLOBALS = ["abort", "trace", "seed", "console", "Date", "performance", "crypto", "process"];

/** The component of an action whose `main` is in `entry`. Throws a `BuildError` if the source is not right. */
export async function build(entry, options = {}) {
  const core = await compile(entry, options);
  return componentize(core, options);
}

/** The core module. */
export async function compile(entry, { exceptions = true, debug = false, runtime = "incremental", warn = () => {} } = {}) {
  const baseDir = process.cwd();
  let binary = null;
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main(flags(path.relative(baseDir, entry), { exceptions, debug, runtime }), {
    stdout: asc.createMemoryStream(),
    stderr,
    transforms: [transformFor({ exceptions })],
    readFile: (name, base) => readSource(name, base),
    writeFile: (name, contents) => {
      if (name === "core.wasm") binary = contents;
    },
    listFiles: () => ["wow_globals.ts"],
  });
  if (error instanceof BuildError) throw error;
  if (error) throw new BuildError(stderr.toString().trim() || error.message);
  warn(stderr.toString());
  return binary;
}

function flags(entry, { exceptions, debug, runtime }) {
  const flags = [entry, "--outFile", "core.wasm", "--exportStart", "_initialize", "--exportTable"];
  flags.push("--lib", path.join(SDK, "assembly", "lib"), "--runtime", runtime);
  for (const name of GLOBALS) flags.push("--use", `${name}=wow_${name}`);
  if (exceptions) flags.push("--use", "WOW_EXCEPTIONS=1");
  if (debug) flags.push("--use", "WOW_PLACES=1", "--debug");
  else flags.push("-O2", "--shrinkLevel", "2");
  return flags;
}

/** `wow-action/…` is this package's `assembly/…`, wherever the project has the package. */
async function readSource(name, base) {
  const own = OWN_FILE.exec(name);
  try {
    return await readFile(own ? path.join(SDK, "assembly", own[1]) : path.resolve(base, name), "utf8");
  } catch {
    return null; // asc asks for every place where a file could be
  }
}

async function componentize(core, { wit = path.join(SDK, "wit"), world = "action" }) {
  const witSource = await readWit(wit);
  const embedded = await componentEmbed({ binary: core, witSource, world, stringEncoding: "utf16" });
  return componentNew(embedded);
}
