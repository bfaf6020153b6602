// The whole build: what a component is made of, and what the developer is told when there is none.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { componentWit } from "@bytecodealliance/jco-transpile/wasm-tools";

const PROGRAM = fileURLToPath(new URL("../bin/wow-action.mjs", import.meta.url));
const run = promisify(execFile);

let folder;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "wow-action-"));
});
after(() => rm(folder, { recursive: true }));

/** Builds a source text: the exit code, the component and what was said. */
async function build(source, ...options) {
  await writeFile(path.join(folder, "index.ts"), source);
  try {
    const { stderr } = await run("node", [PROGRAM, "build", "index.ts", "-o", "out.wasm", ...options], { cwd: folder });
    return { code: 0, stderr, component: await readFile(path.join(folder, "out.wasm")) };
  } catch (error) {
    return { code: error.code, stderr: error.stderr };
  }
}

const imports = async (component) => {
  const wit = await componentWit(component);
  return [...wit.slice(0, wit.indexOf("\npackage ")).matchAll(/^ {2}import ([^;]+);/gm)].map(([, name]) => name).sort();
};

test("an action that uses nothing of the platform imports nothing", async () => {
  const { code, component } = await build("export function main(): void { if (memory.size() > 1000) throw new Error('big'); }");
  assert.equal(code, 0);
  assert.deepEqual(await imports(component), []);
  assert.match(await componentWit(component), /export wow:action\/handler@0\.1\.0;/);
});

test("an action imports what it uses and nothing else", async () => {
  const { component } = await build("class Output { now: i64; }\nexport function main(): Output { return { now: Date.now() }; }");
  assert.deepEqual(await imports(component), ["wasi:clocks/wall-clock@0.2.12"]);
});

test("without exceptions there is no tag in the module", async () => {
  const source = "export function main(): void { throw new Error('no'); }";
  const { component } = await build(source, "--no-exceptions");
  // What was thrown goes to the log instead.
  assert.deepEqual((await imports(component)).filter((name) => name.startsWith("wasi:cli")), ["wasi:cli/stderr@0.2.12"]);
  assert.ok(WebAssembly.validate(coreModule(component)));
});

/** The first core module of a component: a section of its own, of type 1. */
function coreModule(component) {
  const start = component.indexOf(Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  let at = start - 1;
  while (component[at - 1] & 0x80) at--;
  let size = 0;
  for (let shift = 0, i = at; i < start; i++, shift += 7) size |= (component[i] & 0x7f) << shift;
  return component.subarray(start, start + size);
}

test("a middleware imports the action inside, as the component's only import if it uses nothing else", async () => {
  const source = (named, type) =>
    `import ${named} from "wow-action";\nexport function main(input: i32[], next: ${type}): i32[] { return next.run<i32[], i32[]>(input); }`;
  for (const [named, type] of [["{ Next }", "Next"], ["{ Next as Inside }", "Inside"], ["* as wow", "wow.Next"]]) {
    const { component, stderr } = await build(source(named, type));
    assert.ok(component, stderr);
    assert.deepEqual(await imports(component), ["wow:action/handler@0.1.0"]);
    assert.match(await componentWit(component), /export wow:action\/handler@0\.1\.0;/);
  }
});

test("an HTTP action imports the types of HTTP, and no more", async () => {
  const whole = 'import { Request, Response } from "wow-action";\nexport function handle(request: Request): Response { return new Response("fine"); }';
  const written = `import { Request, ResponseOutparam } from "wow-action";
    export function handle(request: Request, out: ResponseOutparam): void { out.start().close(); }`;
  for (const source of [whole, written]) {
    const { component, stderr } = await build(source);
    assert.ok(component, stderr);
    const used = ["wasi:http/types@0.2.12", "wasi:io/error@0.2.12", "wasi:io/streams@0.2.12"];
    // A throw after the response has nowhere to go but the log.
    assert.deepEqual((await imports(component)).filter((name) => !name.startsWith("wasi:cli/std")), used);
    assert.match(await componentWit(component), /export wasi:http\/incoming-handler@0\.2\.12;/);
  }
});

test("a program imports the streams that it uses, and stderr for what it throws", async () => {
  const { component, stderr } = await build("export function run(): void { process.stdout.write('{}\\n'); }");
  assert.ok(component, stderr);
  const used = ["wasi:cli/stderr@0.2.12", "wasi:cli/stdout@0.2.12", "wasi:io/error@0.2.12", "wasi:io/streams@0.2.12"];
  assert.deepEqual(await imports(component), used);
  assert.match(await componentWit(component), /export wasi:cli\/run@0\.2\.12;/);
});

test("a source is refused by what it exports, with what to write instead", async () => {
  const MIDDLEWARE = 'the second one of a middleware is `next: Next`, imported from "wow-action"';
  const refusals = {
    "export function other(): void {}": [
      "index.ts exports no function `main`, `handle` or `run`",
      "export function main(input: Input): Output { … }\n" +
        "      export function handle(request: Request): Response { … }\n" +
        "      export function run(): void { … }",
    ],
    "export function main(): void {}\nexport function handle(): void {}": [
      "index.ts exports `main` and `handle`, an action is one of them",
      "a file for each, and a build for each",
    ],
    "export function main<T>(): void {}": ["`main` in index.ts is generic, an action is not"],
    "export function main(a: string, b: string): void {}": [
      "`main` in index.ts takes 2 parameters, an action has one",
      `a class with a field for each of them; ${MIDDLEWARE}`,
    ],
    // Of the same name, and not the package's.
    "class Next {}\nexport function main(a: string, next: Next): void {}": [
      "`main` in index.ts takes 2 parameters, an action has one",
      `a class with a field for each of them; ${MIDDLEWARE}`,
    ],
    'import { Next } from "wow-action";\nexport function main(next: Next): void {}': [
      "`main` in index.ts takes `Next` first",
      "export function main(input: Input, next: Next): Output { … }",
    ],
  };
  for (const signature of ["(input: string): void", "(): i32"]) {
    refusals[`export function run${signature} { unreachable(); }`] = [
      "`run` in index.ts is no function of a program",
      "export function run(): void { … }\n      it reads `process.stdin`, and its status is `process.exitCode`",
    ];
  }
  const HANDLE =
    "export function handle(request: Request): Response { … }\n" +
    "      export function handle(request: Request, out: ResponseOutparam): void { … }\n" +
    '      each type imported from "wow-action"';
  const named = 'import { Request, Response, ResponseOutparam } from "wow-action";\nexport function handle';
  const wrong = ["(): Response", "(request: Request): void", "(request: Request, out: ResponseOutparam): Response", "(r: Response): Response"];
  for (const signature of wrong) refusals[`${named}${signature} { unreachable(); }`] = ["`handle` in index.ts is no function of an HTTP action", HANDLE];
  for (const [source, [reason, hint]] of Object.entries(refusals)) {
    const { code, stderr } = await build(source);
    assert.deepEqual({ code, stderr }, { code: 1, stderr: `${reason}\n${hint ? `\nhint: ${hint}\n` : ""}` });
  }
});

test("a function of the author may have the name of an export", async () => {
  const { component, stderr } = await build("function run(): i32 { return 7; }\nexport function main(): i32[] { return [run()]; }");
  assert.ok(component, stderr);
});

test("a type that JSON does not have is refused where it is used", async () => {
  const { code, stderr } = await build("class Input { f: () => void; }\nexport function main(input: Input): void {}");
  assert.equal(code, 1);
  assert.match(stderr, /JSON has no such type; use a class, an array, a Map or Value/);
});

test("an error of the language is told with its line", async () => {
  const { code, stderr } = await build('export function main(): void { const a: i32 = "x"; }');
  assert.equal(code, 1);
  assert.match(stderr, /ERROR TS2322: Type '~lib\/string\/String' is not assignable to type 'i32'/);
  assert.match(stderr, /in index\.ts\(1,47\)/);
});

test("a file that is not there is named", async () => {
  const failure = await run("node", [PROGRAM, "build", "nowhere.ts"], { cwd: folder }).catch((error) => error);
  assert.equal(failure.code, 1);
  assert.match(failure.stderr, /nowhere\.ts/);
});
