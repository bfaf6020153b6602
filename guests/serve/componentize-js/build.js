// node build.js WIT OUT: makes serve.js a component of `wasi:http/incoming-handler`.

import { componentize } from "@bytecodealliance/componentize-js";
import { writeFile } from "node:fs/promises";

const [wit, out] = process.argv.slice(2);
const { component } = await componentize({
  sourcePath: "serve.js",
  witPath: wit,
  worldName: "server",
});
await writeFile(out, component);
