// What a component is: by the one function that the entry file exports under a name that means something. A shape has
// what its world is beside WASI, the core module's exports with their names in the component, and the frame: the
// source that calls the author's function.
import { CommonFlags, NodeKind } from "assemblyscript";
import { BuildError } from "./error.mjs";

const HANDLER = "wow:action/handler@0.1.0";
/** Of each function that the frame exports, with what comes after its name. */
const RUN = { __wowRun: `${HANDLER}#run`, __wowPost: `cabi_post_${HANDLER}#run` };

/** The text of a node as it was written. */
export const textOf = (node) => node.range.source.text.substring(node.range.start, node.range.end);

const KINDS = { main: shapeOfMain, handle: shapeOfHandle, run: shapeOfRun };
/** What a developer may want to write, of each. */
const HINTS = {
  main: "export function main(input: Input): Output { … }",
  middleware: "export function main(input: Input, next: Next): Output { … }",
  handle: "export function handle(request: Request): Response { … }",
  outparam: "export function handle(request: Request, out: ResponseOutparam): void { … }",
  run: "export function run(): void { … }",
};

/** The shape of an entry file, whose function is no export of its own any more. */
export function shapeOf(entry) {
  const exported = entry.statements.filter(
    (one) => one.kind === NodeKind.FunctionDeclaration && one.flags & CommonFlags.Export && Object.hasOwn(KINDS, one.name.text),
  );
  const file = entry.normalizedPath;
  if (!exported.length) {
    refuse(`${file} exports no function \`main\`, \`handle\` or \`run\``, [HINTS.main, HINTS.handle, HINTS.run].join("\n      "));
  }
  const [found, another] = exported;
  if (another) {
    refuse(
      `${file} exports \`${found.name.text}\` and \`${another.name.text}\`, an action is one of them`,
      "a file for each, and a build for each",
    );
  }
  const name = found.name.text;
  if (found.typeParameters?.length) throw new BuildError(`\`${name}\` in ${file} is generic, an action is not`);
  const { parameters, returnType } = found.signature;
  const names = namesOf(entry);
  const typeOf = (type) => names(textOf(type));
  const shape = KINDS[name]({
    what: `\`${name}\` in ${file}`,
    parameters: parameters.map((one) => ({ text: textOf(one.type), type: typeOf(one.type) })),
    returns: { text: textOf(returnType), type: typeOf(returnType) },
  });
  found.flags &= ~(CommonFlags.Export | CommonFlags.ModuleExport);
  return { ...shape, frame: `${shape.frame}\nexport { cabi_realloc } from "wow-action/abi";\n` };
}

/** JSON in and out; around another one with a second parameter. */
function shapeOfMain({ what, parameters, returns }) {
  const [input, next, ...rest] = parameters;
  if (rest.length || (next && next.type !== "wow-action.Next")) {
    refuse(
      `${what} takes ${parameters.length} parameters, an action has one`,
      "a class with a field for each of them; the second one of a middleware is `next: Next`, imported from \"wow-action\"",
    );
  }
  if (input?.type === "wow-action.Next") {
    refuse(`${what} takes \`${input.text}\` first`, HINTS.middleware);
  }
  const given = [input && `__wowTake<${input.text}>()`, next && "__wowNext()"].filter(Boolean);
  const call = `main(${given.join(", ")})`;
  return {
    world: `${next ? `import ${HANDLER};` : ""} export ${HANDLER};`,
    exports: RUN,
    frame: `
import { serve as __wowServe, takeParameters as __wowTake, giveOutcome as __wowGive } from "wow-action/frame";
import { releaseResult as __wowRelease } from "wow-action/abi";
${next ? 'import { imported as __wowNext } from "wow-action/next";' : ""}
function __wowCall(): void { ${returns.text === "void" ? call : `__wowGive<${returns.text}>(${call})`}; }
export function __wowRun(pointer: usize, length: usize): usize { return __wowServe(pointer, length, __wowCall); }
export function __wowPost(result: usize): void { __wowRelease(result); }
`,
  };
}

/** An HTTP request in, a response out: returned, or given to the second parameter. */
function shapeOfHandle({ what, parameters, returns }) {
  const taken = parameters.map(({ type }) => type).join();
  const isWhole = taken === "wow-action.Request" && returns.type === "wow-action.Response";
  if (!isWhole && !(taken === "wow-action.Request,wow-action.ResponseOutparam" && returns.type === "void")) {
    refuse(
      `${what} is no function of an HTTP action`,
      `${HINTS.handle}\n      ${HINTS.outparam}\n      each type imported from "wow-action"`,
    );
  }
  return {
    world: "export wasi:http/incoming-handler@0.2.12;",
    exports: { __wowHandle: "wasi:http/incoming-handler@0.2.12#handle" },
    frame: `
import { serve as __wowServe, takeRequest as __wowRequest, takeOutparam as __wowOut } from "wow-action/http/incoming";
function __wowCall(): void { ${isWhole ? "__wowOut().set(handle(__wowRequest()))" : "handle(__wowRequest(), __wowOut())"}; }
export function __wowHandle(request: i32, out: i32): void { __wowServe(request, out, __wowCall); }
`,
  };
}

/** A program. */
function shapeOfRun({ what, parameters, returns }) {
  if (parameters.length || returns.text !== "void") {
    refuse(
      `${what} is no function of a program`,
      `${HINTS.run}\n      it reads \`process.stdin\`, and its status is \`process.exitCode\``,
    );
  }
  return {
    world: "export wasi:cli/run@0.2.12;",
    exports: { __wowRun: "wasi:cli/run@0.2.12#run" },
    frame: `
import { serve as __wowServe } from "wow-action/program";
export function __wowRun(): i32 { return __wowServe(run); }
`,
  };
}

/** From the text of a type to `wow-action.` with its name there, if it is one of the package's. */
function namesOf(entry) {
  const names = new Map();
  for (const one of entry.statements) {
    if (one.kind !== NodeKind.Import || one.path.value !== "wow-action") continue;
    if (one.namespaceName) names.set(`${one.namespaceName.text}.`, "wow-action.");
    for (const declaration of one.declarations ?? []) {
      names.set(declaration.name.text, `wow-action.${declaration.foreignName.text}`);
    }
  }
  return (text) => names.get(text) ?? text.replace(/^\w+\./, (space) => names.get(space) ?? space);
}

function refuse(reason, hint) {
  throw new BuildError(`${reason}\n\nhint: ${hint}`);
}
