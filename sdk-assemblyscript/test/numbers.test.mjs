// Floats and whole numbers against JavaScript's, which are exact by specification.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { instantiate } from "./compile.mjs";

let wasm;
before(async () => {
  wasm = await instantiate(`
    import { JSON } from "wow-action";
    export function parse(text: string): f64 { return JSON.parse<f64>(text); }
    export function print(number: f64): string { return JSON.stringify<f64>(number); }
    export function i64s(text: string): string { return JSON.stringify(JSON.parse<i64>(text)); }
    export function u64s(text: string): string { return JSON.stringify(JSON.parse<u64>(text)); }
    export function i8s(text: string): string { return JSON.stringify(JSON.parse<i8>(text)); }
    export function u32s(text: string): string { return JSON.stringify(JSON.parse<u32>(text)); }
    export function f32s(text: string): string { return JSON.stringify(JSON.parse<f32>(text)); }
  `);
});

/** The same doubles in every run: a failure can be found again. */
function* doubles(count) {
  const view = new DataView(new ArrayBuffer(8));
  let state = 0x9e3779b97f4a7c15n;
  for (let i = 0; i < count; ) {
    // xorshift64*
    state ^= state >> 12n;
    state = BigInt.asUintN(64, state ^ (state << 25n));
    state ^= state >> 27n;
    view.setBigUint64(0, BigInt.asUintN(64, state * 0x2545f4914f6cdd1dn));
    const number = view.getFloat64(0);
    if (!Number.isFinite(number)) continue;
    i++;
    yield number;
  }
}

const EDGES = [
  0, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308, 1e21, 1e20, 999999999999999868928,
  1e-6, 1e-7, 1.5e-7, 0.1, 0.2, 0.3, 0.1 + 0.2, 1 / 3, 4.35, 9007199254740991, 9007199254740992, 9007199254740993,
  4503599627370496.5, 123456789.125, 1.9983431454978598e47, 5e-324 * 3, 2 ** -1022, 2 ** 1023, 2 ** 70, 1e23, 9.5e-5,
  100, 1e15, 1e16, 123456789012345680000, 0.000001234, 8.41, 2 ** 60 + 2 ** 10,
];

test("a double is printed as JavaScript prints it", () => {
  for (const edge of EDGES) for (const number of [edge, -edge]) assert.equal(wasm.print(number), JSON.stringify(number));
  for (const number of doubles(5000)) assert.equal(wasm.print(number), JSON.stringify(number));
});

test("a decimal of few digits is printed as JavaScript prints it", () => {
  let whole = 1;
  for (let i = 0; i < 5000; i++) {
    whole = (whole * 48271) % 2147483647;
    const number = whole / 10 ** (i % 12);
    assert.equal(wasm.print(number), JSON.stringify(number));
  }
});

test("a double is read as JavaScript reads it", () => {
  for (const number of [...EDGES, ...doubles(5000)]) {
    for (const text of [JSON.stringify(number), number.toExponential(20), number.toPrecision(17)]) {
      assert.ok(Object.is(wasm.parse(text), Number(text)), text);
    }
  }
});

test("the middle between two doubles goes to the even one, a digit beyond it does not", () => {
  // 2^53 + 1 lies between 2^53 and 2^53 + 2.
  for (const [text, number] of [
    ["9007199254740993", 9007199254740992],
    ["9007199254740993.0000000000000000000000000000000000001", 9007199254740994],
    ["9007199254740995", 9007199254740996],
    ["2.4703282292062327208e-324", 0],
    ["2.4703282292062328e-324", 5e-324],
    [`9007199254740993.${"0".repeat(900)}1`, 9007199254740994],
    ["1.7976931348623158e308", Number.MAX_VALUE],
    ["1e-400", 0],
    ["0.000e999999999999", 0],
    [`0.${"0".repeat(400)}1e401`, 1],
    [`1${"0".repeat(400)}e-400`, 1],
  ]) {
    assert.equal(wasm.parse(text), number, text);
    assert.equal(wasm.parse(text), Number(text), text);
  }
});

test("a number beyond the doubles is refused, and NaN is not written", () => {
  assert.throws(() => wasm.parse("1.8e308"), /^Error: expected f64, got the number 1.8e308/);
  assert.throws(() => wasm.parse("1e400"), /expected f64/);
  assert.throws(() => wasm.f32s("1e39"), /expected f32/);
  assert.throws(() => wasm.print(NaN), /NaN is no number of JSON/);
  assert.throws(() => wasm.print(-Infinity), /-Infinity is no number of JSON/);
});

test("whole numbers are exact, and in their type's range", () => {
  const same = (name, ...texts) => texts.forEach((text) => assert.equal(wasm[name](text), text));
  same("i64s", "9223372036854775807", "-9223372036854775808", "0", "9007199254740993");
  same("u64s", "18446744073709551615", "0");
  same("i8s", "-128", "127");
  same("u32s", "4294967295");
  for (const [name, text, whole] of [
    ["i64s", "42.0", "42"],
    ["i64s", "1.5e1", "15"],
    ["i64s", "-0", "0"],
    ["u64s", "-0", "0"],
    ["u64s", "1844674407370955161500e-2", "18446744073709551615"],
    ["i64s", "0e99999999999", "0"],
  ]) {
    assert.equal(wasm[name](text), whole, text);
  }
  for (const [name, text] of [
    ["i64s", "9223372036854775808"],
    ["i64s", "-9223372036854775809"],
    ["u64s", "18446744073709551616"],
    ["u64s", "-1"],
    ["i8s", "128"],
    ["i8s", "-129"],
    ["u32s", "4294967296"],
    ["i64s", "1.5"],
    ["i64s", "1e-1"],
    ["i64s", "1e99999999999"],
  ]) {
    assert.throws(() => wasm[name](text), new RegExp(`expected [iu]\\d+, got the number ${text}`), text);
  }
});
