// A folder of WIT as one text: the packages of `deps/` become nested ones. The tools read no files here, because
// their view of a file system fails under some versions of Node.js.
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";

/** Those of the world `wow:action/action`; what a module does not use is left out of its component. */
const IMPORTS = "include wasi:cli/imports@0.2.12; import wasi:http/outgoing-handler@0.2.12;";
const PACKAGE = /^package\s+([^;{]+);/m;

/** The text of the world `build`, which is a shape's with WASI's imports, and of the packages that it uses: those in a folder, and others. */
export async function readWit(folder, world, others = []) {
  const [own, deps] = await Promise.all([texts(folder), texts(path.join(folder, "deps"))]);
  return [`package wow:build;\nworld build { ${world} ${IMPORTS} }`, ...[...others, ...own, ...deps].map(nest)].join("\n");
}

/** What the world of a model is, to stand in another one. */
export const worldOf = ({ package: id, version, world }) => `include ${id}/${world}${version && `@${version}`};`;

async function texts(folder) {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".wit"));
  const names = files.map((file) => file.name).sort();
  return Promise.all(names.map((name) => readFile(path.join(folder, name), "utf8")));
}

function nest(text) {
  const name = PACKAGE.exec(text)?.[1];
  return `package ${name} {\n${text.replace(PACKAGE, "")}\n}\n`;
}
