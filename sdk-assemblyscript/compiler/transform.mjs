// An action's source to what the component exports: the codecs of its classes and the call of its `main`.
import { CommonFlags, NodeKind, Source, SourceKind, Tokenizer } from "assemblyscript";
import { Transform } from "assemblyscript/transform";
import { addCodecs } from "./codecs.mjs";
import { BuildError } from "./error.mjs";
import { finishModule } from "./backend.mjs";

const ABORT = /\babort\s*\(/;

/** The text of a node as it was written. */
export const textOf = (node) => node.range.source.text.substring(node.range.start, node.range.end);

const HANDLER = "wow:action/handler@0.1.0#run";
const HANDLER_EXPORTS = { run: HANDLER, cabi_post_run: `cabi_post_${HANDLER}` };

/** The transform of one build. `exports` are those of a source that was generated from WIT; else it is one with a `main`. */
export function transformFor({ exceptions, exports = null }) {
  return class extends Transform {
    afterParse(parser) {
      const own = parser.sources.filter((source) => !source.internalPath.startsWith("~lib/"));
      // So that who does not say it imports no log for it.
      if (own.some((source) => ABORT.test(source.text))) this.program.options.globalAliases.set("WOW_ABORT", "1");
      for (const source of own) addCodecs(source, (code) => parse(parser, source, code));
      if (exports) return;
      const entry = own.find((source) => source.sourceKind === SourceKind.UserEntry);
      entry.statements.push(...parse(parser, entry, frame(mainOf(entry))));
    }

    afterCompile(module) {
      finishModule(module, { exceptions, exports: exports ?? HANDLER_EXPORTS });
    }
  };
}

/** `export function main(…): …`. */
function mainOf(entry) {
  const main = entry.statements.find(
    (statement) => statement.kind === NodeKind.FunctionDeclaration && statement.name.text === "main",
  );
  const file = entry.normalizedPath;
  if (!main || !(main.flags & CommonFlags.Export)) {
    throw new BuildError(
      `${file} exports no function \`main\`\n\nhint: export function main(input: Input): Output { … }`,
    );
  }
  const { parameters } = main.signature;
  if (parameters.length > 1) {
    throw new BuildError(
      `\`main\` in ${file} takes ${parameters.length} parameters, an action has one\n\n` +
        "hint: a class with a field for each of them",
    );
  }
  if (main.typeParameters?.length) throw new BuildError(`\`main\` in ${file} is generic, an action is not`);
  return main;
}

/** The exports, whose names `backend.mjs` makes those of the interface. */
function frame(main) {
  const [parameter] = main.signature.parameters;
  const returns = textOf(main.signature.returnType);
  const call = parameter ? `main(__wowTake<${textOf(parameter.type)}>())` : "main()";
  main.flags &= ~(CommonFlags.Export | CommonFlags.ModuleExport);
  return `
import { serve as __wowServe, takeParameters as __wowTake, giveOutcome as __wowGive } from "wow-action/frame";
import { releaseResult as __wowRelease } from "wow-action/abi";
export { cabi_realloc } from "wow-action/abi";
function __wowCall(): void { ${returns === "void" ? call : `__wowGive<${returns}>(${call})`}; }
export function run(pointer: usize, length: usize): usize { return __wowServe(pointer, length, __wowCall); }
export function cabi_post_run(result: usize): void { __wowRelease(result); }
`;
}

/** Statements of generated code. Errors in them are told as of the source that they belong to. */
export function parse(parser, source, code) {
  const generated = new Source(source.sourceKind, source.normalizedPath, code);
  const tokenizer = new Tokenizer(generated);
  const statements = [];
  const outer = parser.currentSource;
  parser.currentSource = generated;
  const end = code.trimEnd().length; // the parser takes space after the last statement for an unfinished one
  while (tokenizer.pos < end) {
    const statement = parser.parseTopLevelStatement(tokenizer, null);
    if (!statement) break;
    statements.push(statement);
  }
  parser.currentSource = outer;
  return statements;
}
