// An action's source to what the component exports: the codecs of its classes and the frame of its shape.
import { Source, SourceKind, Tokenizer } from "assemblyscript";
import { Transform } from "assemblyscript/transform";
import { addCodecs } from "./codecs.mjs";
import { finishModule } from "./backend.mjs";
import { shapeOf } from "./shapes.mjs";

const ABORT = /\babort\s*\(/;

/** The transform of one build. `shape` is that of a source that was generated from WIT; else `decide` is told the entry file's. */
export function transformFor({ exceptions, shape, decide }) {
  return class extends Transform {
    shape = shape;

    afterParse(parser) {
      const own = parser.sources.filter((source) => !source.internalPath.startsWith("~lib/"));
      // So that who does not say it imports no log for it.
      if (own.some((source) => ABORT.test(source.text))) this.program.options.globalAliases.set("WOW_ABORT", "1");
      for (const source of own) addCodecs(source, (code) => parse(parser, source, code));
      if (this.shape) return;
      const entry = own.find((source) => source.sourceKind === SourceKind.UserEntry);
      this.shape = shapeOf(entry);
      decide(this.shape);
      entry.statements.push(...parse(parser, entry, this.shape.frame));
    }

    afterCompile(module) {
      finishModule(module, { exceptions, exports: this.shape.exports });
    }
  };
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
