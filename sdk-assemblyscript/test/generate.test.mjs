// The generator: what it refuses, and that every type comes back as it went in. The component runs in Node.js by jco,
// another host than WOW's, whose strings are JavaScript's.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { transpile } from "@bytecodealliance/jco-transpile";

const SDK = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = path.join(SDK, "bin/wow-action.mjs");
const run = promisify(execFile);

const WIT = `
package test:round@1.0.0;
/// Everything.
interface all {
  enum color { red, dark-green, blue }
  flags marks { a, b-c, d, e, f, g, h, i, j }
  record point { x: f32, y: s8 }
  type points = list<point>;
  variant shape { nothing, wide(s64), narrow(f32), %list(points), text(string), color(color) }
  record everything {
    flag: bool, a: u8, b: s16, c: u32, d: s64, e: u64, f: f64, text: string,
    bytes: list<u8>, shorts: list<u16>, texts: list<string>, lists: list<list<s32>>,
    color: color, marks: marks, shape: shape, shapes: list<shape>,
    maybe-text: option<string>, maybe-number: option<u16>, maybe-shape: option<shape>,
  }
  echo-everything: func(value: everything) -> everything;
  echo-shape: func(before: u8, shape: shape, after: string) -> result<shape, string>;
  text: func(text: string) -> string;
  check: func(fails: bool) -> result<_, string>;
  echo-color: func(color: color) -> color;
  nothing: func();
  many: func(a: s32, b: f64, c: s32, d: f64, e: s32, f: f64, g: s32, h: f64, i: s32, j: f64, k: s32, l: f64, m: s32, n: f64, o: s32, p: f64, q: string) -> f64;
}
world round { export all; export greet: func(name: string) -> string; }
`;

const SOURCE = `
import { Color, Everything, Shape } from "./world";
export function echoEverything(value: Everything): Everything { return value; }
export function echoShape(before: u8, shape: Shape, after: string): Shape {
  if (before != 7) throw new Error(after);
  return shape;
}
export function text(text: string): string { return text; }
export function check(fails: bool): void { if (fails) throw new Error("it fails"); }
export function echoColor(color: Color): Color { return color; }
export function nothing(): void {}
export function many(
  a: i32, b: f64, c: i32, d: f64, e: i32, f: f64, g: i32, h: f64,
  i: i32, j: f64, k: i32, l: f64, m: i32, n: f64, o: i32, p: f64, q: string,
): f64 {
  return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q.length;
}
export function greet(name: string): string { return "Hello, " + name + "!"; }
`;

let folder;
let world;
before(async () => {
  // Here, so that what is transpiled finds jco's packages.
  folder = await mkdtemp(path.join(SDK, "node_modules/.wow-test-"));
  await writeFile(path.join(folder, "round.wit"), WIT);
  await writeFile(path.join(folder, "index.ts"), SOURCE);
  const cwd = { cwd: folder };
  await run("node", [PROGRAM, "generate", "round.wit", "-o", "world.ts"], cwd);
  // Node.js 20 has no exceptions of this form: a throw traps there.
  const options = ["--wit", "round.wit", "-o", "round.wasm", "--no-exceptions"];
  await run("node", [PROGRAM, "build", "index.ts", ...options], cwd);
  const { files } = await transpile(path.join(folder, "round.wasm"), { name: "round" });
  for (const [name, contents] of Object.entries(files)) {
    const file = path.join(folder, "out", name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, contents);
  }
  world = await import(pathToFileURL(path.join(folder, "out/round.js")));
});
after(() => rm(folder, { recursive: true }));

const EVERYTHING = {
  flag: true, a: 255, b: -32768, c: 4294967295, d: -(2n ** 63n), e: 2n ** 64n - 1n, f: 0.1, text: "ö😀✓",
  bytes: new Uint8Array([0, 1, 255]), shorts: new Uint16Array([0, 65535]), texts: ["", "a", "❄", "a"],
  lists: [new Int32Array([-1, 2]), new Int32Array([]), new Int32Array([3])],
  color: "dark-green", marks: { a: true, bC: false, d: true, e: false, f: false, g: false, h: false, i: false, j: true },
  shape: { tag: "text", val: "x" }, shapes: [{ tag: "nothing" }, { tag: "wide", val: -1n }, { tag: "color", val: "blue" }],
  maybeText: "", maybeNumber: 0, maybeShape: { tag: "narrow", val: -0.5 },
};
const unset = ({ tag, val }) => (val === undefined ? { tag } : { tag, val });
const plain = (value) => ({ ...value, shapes: value.shapes.map(unset) });

test("every type comes back as it went in", () => {
  for (let i = 0; i < 100; i++) {
    assert.deepEqual(plain(world.all.echoEverything(EVERYTHING)), EVERYTHING);
    const bare = { ...EVERYTHING, maybeText: undefined, maybeNumber: undefined, maybeShape: undefined, texts: [], shapes: [], bytes: new Uint8Array() };
    assert.deepEqual(plain(world.all.echoEverything(bare)), bare);
  }
});

test("every case of a variant is passed flat and comes back", () => {
  for (const shape of [
    { tag: "nothing" },
    { tag: "wide", val: -(2n ** 62n) - 1n },
    { tag: "narrow", val: -1.5 },
    { tag: "list", val: [{ x: 0.5, y: -128 }, { x: -0.25, y: 127 }] },
    { tag: "text", val: "🦀" },
    { tag: "color", val: "blue" },
  ]) {
    assert.deepEqual(unset(world.all.echoShape(7, shape, "unused")), shape);
  }
});

test("more parameters than fit flat come from memory", () => {
  assert.equal(world.all.many(1, 0.5, 2, 0.5, 3, 0.5, 4, 0.5, 5, 0.5, 6, 0.5, 7, 0.5, 8, 0.5, "four"), 44);
});

test("results of one core value, and none, and a function of the world itself", () => {
  assert.equal(world.all.echoColor("blue"), "blue");
  assert.equal(world.all.check(false), undefined);
  assert.equal(world.all.nothing(), undefined);
  assert.equal(world.greet("Ada"), "Hello, Ada!");
});

test("ten thousand strings of all of Unicode, lone surrogates among them, come back as Unicode", () => {
  let state = 1;
  const next = (bound) => (state = (state * 48271) % 2147483647) % bound;
  const units = [
    () => 0x20 + next(0x60), () => next(0x80), () => 0x80 + next(0x780), () => 0x800 + next(0xd000),
    () => 0xd800 + next(0x400), () => 0xdc00 + next(0x400), () => 0xe000 + next(0x2000),
  ];
  for (let i = 0; i < 10_000; i++) {
    const length = next(i % 100 === 0 ? 5000 : 40);
    const text = String.fromCharCode(...Array.from({ length }, () => units[next(units.length)]()));
    const sent = text.toWellFormed();
    // A host of JavaScript may pass what is no Unicode; what comes back always is.
    assert.equal(world.all.text(text), sent);
  }
});

test("what is beyond the subset is refused by line and name", async () => {
  const refused = async (text) => {
    await writeFile(path.join(folder, "refused.wit"), text);
    const failure = await run("node", [PROGRAM, "generate", "refused.wit", "-o", "refused.ts"], { cwd: folder }).catch((error) => error);
    assert.equal(failure.code, 1, text);
    return failure.stderr.split("\n")[0];
  };
  const world = (items) => `package a:b;\nworld w {\n${items}\n}`;
  const beyond = (line, what) => `refused.wit:${line}: ${what} is beyond the subset of WIT that AssemblyScript is generated from`;
  assert.equal(await refused(world("import f: func();")), beyond(3, "`import`"));
  assert.equal(await refused(world("export f: func(a: char);")), beyond(3, "`char` here"));
  assert.equal(await refused(world("export f: func(a: tuple<u8>);")), beyond(3, "`tuple` here"));
  assert.equal(await refused(world("export f: func(a: result);")), beyond(3, "`result` here"));
  assert.equal(await refused(world("export f: func() -> result<u8, u8>;")), beyond(3, "an error that is no string"));
  assert.equal(await refused(world("export f: func(a: option<option<u8>>);")), beyond(3, "`option<option<…>>`"));
  assert.equal(await refused(world("export f: async func();")), beyond(3, "`async`"));
  assert.equal(await refused(world("use x.{y};")), beyond(3, "`use`"));
  assert.equal(await refused("package a:b;\ninterface i { resource r; }"), beyond(2, "`resource`"));
  assert.equal(await refused(world("export f: func(a: nowhere);")), "refused.wit: there is no type `nowhere` here");
  assert.equal(await refused("package a:b;\nworld w {"), "refused.wit:2: expected more, got `the end`");
  assert.equal(await refused(world("")), "refused.wit: the world `w` exports no function");
});

test("a world.ts that is not what the WIT says is refused at the build", async () => {
  await writeFile(path.join(folder, "other.wit"), WIT.replace("dark-green", "light-green"));
  const build = run("node", [PROGRAM, "build", "index.ts", "--wit", "other.wit"], { cwd: folder });
  const failure = await build.catch((error) => error);
  assert.equal(failure.code, 1);
  assert.equal(failure.stderr, "world.ts is not what other.wit says\n\nhint: npx wow-action generate other.wit -o world.ts\n");
});
