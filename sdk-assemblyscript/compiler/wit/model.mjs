// A world as what AssemblyScript needs of it: its types with their names, its functions with the names of their exports.
import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { BuildError } from "../error.mjs";
import { parseWit } from "./parse.mjs";

/** The model of the one world in a file, or in the one file of a folder. */
export async function readModel(place) {
  const file = await theFile(place);
  const text = await readFile(file, "utf8");
  return { ...modelOf(parseWit(text, file), file), text };
}

async function theFile(place) {
  const found = await stat(place).catch(() => null);
  if (!found) throw new BuildError(`there is no ${place}`);
  if (found.isFile()) return place;
  const files = (await readdir(place)).filter((name) => name.endsWith(".wit"));
  if (files.length !== 1) throw new BuildError(`${place} has ${files.length} files of WIT, the generator takes one`);
  return path.join(place, files[0]);
}

function modelOf(found, file) {
  if (found.worlds.size !== 1) throw new BuildError(`${file} has ${found.worlds.size} worlds, the generator takes one`);
  const [[world, items]] = found.worlds;
  const model = { package: found.id, version: found.version, world, types: new Map(), functions: [] };
  add(model, items, "", file);
  for (const name of items.exports) {
    const exported = found.interfaces.get(name);
    if (!exported) throw new BuildError(`${file}: the interface \`${name}\` is not in this package`);
    const version = found.version && `@${found.version}`;
    add(model, exported, `${found.id}/${name}${version}#`, file);
  }
  if (!model.functions.length) throw new BuildError(`${file}: the world \`${world}\` exports no function`);
  return model;
}

/** Adds the types and functions of a scope, resolved. */
function add(model, scope, prefix, file) {
  const resolve = (type) => {
    if (!type || type.kind === "primitive") return type;
    if (type.kind === "list" || type.kind === "option") {
      const element = resolve(type.element);
      if (element.kind === "option") throw new BuildError(`${file}: \`${type.kind}<option<…>>\` is beyond the subset`);
      return { ...type, element };
    }
    if (type.kind === "result") return { ...type, ok: resolve(type.ok) };
    const definition = scope.types.get(type.name);
    if (!definition) throw new BuildError(`${file}: there is no type \`${type.name}\` here`);
    if (definition.kind === "alias") return resolve(definition.type);
    return define(definition);
  };
  const defined = new Map();
  const define = (definition) => {
    if (!defined.has(definition)) {
      const members = definition.members.map((member) => ({ ...member, type: resolve(member.type) }));
      defined.set(definition, { ...definition, members });
    }
    return defined.get(definition);
  };
  for (const [name, definition] of scope.types) {
    if (definition.kind === "alias") continue;
    if (model.types.has(name)) throw new BuildError(`${file}: two types are called \`${name}\``);
    model.types.set(name, define(definition));
  }
  for (const [name, { parameters, result }] of scope.functions) {
    if (model.functions.some((other) => other.name === name)) {
      throw new BuildError(`${file}: two functions are called \`${name}\``);
    }
    const resolved = parameters.map((parameter) => ({ ...parameter, type: resolve(parameter.type) }));
    model.functions.push({ name, export: prefix + name, parameters: resolved, result: resolve(result) });
  }
}
