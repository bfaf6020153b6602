// A test's AssemblyScript, compiled and instantiated in Node.js. A throw is a JavaScript error with the message here, and
// strings cross by the bindings of the compiler: what is tested is the SDK's own code, not the component.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";
import { addCodecs } from "../compiler/codecs.mjs";
import { parse } from "../compiler/transform.mjs";
import { Transform } from "assemblyscript/transform";

const SDK = fileURLToPath(new URL("..", import.meta.url));
const OWN_FILE = /(?:^|[\\/])node_modules[\\/]wow-action[\\/](.*)$/;

/** The transform's codecs without its frame. */
class Codecs extends Transform {
  afterParse(parser) {
    const own = parser.sources.filter((source) => !source.internalPath.startsWith("~lib/"));
    for (const source of own) addCodecs(source, (code) => parse(parser, source, code));
  }
}

/** The exports of a source text. */
export async function instantiate(source) {
  const stderr = asc.createMemoryStream();
  const outputs = {};
  const { error } = await asc.main(["test.ts", "-o", "test.wasm", "--bindings", "esm", "-O1"], {
    stderr,
    stdout: asc.createMemoryStream(),
    transforms: [Codecs],
    listFiles: () => [],
    readFile: (name) => {
      if (name === "test.ts") return source;
      const own = OWN_FILE.exec(name);
      return own ? readFile(path.join(SDK, "assembly", own[1]), "utf8").catch(() => null) : null;
    },
    writeFile: (name, contents) => {
      outputs[name] = contents;
    },
  });
  if (error) throw new Error(stderr.toString() || error.message);
  // The bindings find the module beside themselves.
  const folder = await mkdtemp(path.join(tmpdir(), "wow-action-"));
  try {
    await Promise.all(Object.entries(outputs).map(([name, contents]) => writeFile(path.join(folder, name), contents)));
    await writeFile(path.join(folder, "package.json"), '{"type":"module"}');
    return await import(pathToFileURL(path.join(folder, "test.js")));
  } finally {
    await rm(folder, { recursive: true });
  }
}
