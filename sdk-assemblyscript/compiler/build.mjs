// From a source file to a component. Knows the compilers, and nothing of the command line.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";
import asc from "assemblyscript/asc";
import { BuildError } from "./error.mjs";
import { exportNames, generate, generateExports } from "./generate.mjs";
import { transformFor } from "./transform.mjs";
import { readWit, worldOf } from "./wit.mjs";
import { readModel } from "./wit/model.mjs";

const SDK = fileURLToPath(new URL("..", import.meta.url));
const WIT = path.join(SDK, "wit");
const OWN_FILE = /(?:^|[\\/])node_modules[\\/]wow-action[\\/](.*)$/;
const GLOBALS = ["abort", "trace", "seed", "console", "Date", "performance", "crypto", "process"];

/** The component of an action, whose shape is what `entry` exports. Throws a `BuildError` if the source is not right. */
export async function build(entry, options) {
  const { core, world } = await compile(entry, options);
  return componentize(core, await readWit(WIT, world));
}

/** The component of the functions in `entry`, whose types are in a file or folder of WIT. */
export async function buildTyped(entry, place, options) {
  const model = await readModel(place);
  const world = path.join(path.dirname(entry), "world.ts");
  const found = await readFile(world, "utf8").catch(() => null);
  if (found !== generate(model)) {
    throw new BuildError(
      `${world} is ${found === null ? "not there" : `not what ${place} says`}\n\n` +
        `hint: npx wow-action generate ${place} -o ${world}`,
    );
  }
  const virtual = { name: path.join(path.dirname(entry), "wow-exports.ts"), text: generateExports(model) };
  const shape = { world: worldOf(model), exports: exportNames(model) };
  const { core } = await compile(virtual.name, { ...options, shape, virtual });
  try {
    return await componentize(core, await readWit(WIT, shape.world, [model.text]));
  } catch (error) {
    // The generator reads less closely than the componentizer: what that refuses is in the WIT.
    throw new BuildError(`${place}: ${error.message}`);
  }
}

/** The core module, and its world beside WASI. `virtual` is a source that is on no disk. */
async function compile(entry, { exceptions, debug, small, runtime, warn, shape, virtual }) {
  const baseDir = process.cwd();
  const name = path.relative(baseDir, path.resolve(entry));
  let core = null;
  let world = shape?.world;
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main(flags(name, { exceptions, debug, small, runtime }), {
    stdout: asc.createMemoryStream(),
    stderr,
    transforms: [transformFor({ exceptions, shape, decide: (decided) => (world = decided.world) })],
    readFile: (file, base) => (virtual && path.normalize(file) === name ? virtual.text : readSource(file, base)),
    writeFile: (name, contents) => {
      if (name === "core.wasm") core = contents;
    },
    listFiles: () => ["wow_globals.ts"],
  });
  if (error instanceof BuildError) throw error;
  if (error) throw new BuildError(stderr.toString().trim() || error.message);
  warn(stderr.toString());
  return { core, world };
}

function flags(entry, { exceptions, debug, small, runtime }) {
  // The compiler takes a CI for a terminal.
  const flags = [entry, "--noColors", "--outFile", "core.wasm", "--exportStart", "_initialize", "--exportTable"];
  flags.push("--lib", path.join(SDK, "assembly", "lib"), "--runtime", runtime);
  for (const name of GLOBALS) flags.push("--use", `${name}=wow_${name}`);
  if (exceptions) flags.push("--use", "WOW_EXCEPTIONS=1");
  if (debug) flags.push("--use", "WOW_PLACES=1", "--debug");
  else flags.push("--optimizeLevel", small ? "2" : "3", "--shrinkLevel", small ? "2" : "0");
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

async function componentize(core, witSource) {
  const embedded = await componentEmbed({ binary: core, witSource, world: "build", stringEncoding: "utf16" });
  return componentNew(embedded);
}
