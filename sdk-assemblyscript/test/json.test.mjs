// JSON: what is refused, what is taken, and the words.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { instantiate } from "./compile.mjs";

let wasm;
before(async () => {
  wasm = await instantiate(`
    import { JSON, RawValue, Value } from "wow-action";

    class Item { sku: string; qty: i32; tags: string[] = []; }
    class Base { id: u8 = 7; note: string | null = null; }
    class Order extends Base {
      items: Item[];
      express: boolean = false;
      prices: Map<string, f64> | null = null;
      extra: Value | null = null;
      private secret: i32 = 1;
      static shared: i32 = 2;
    }
    class Page<T> { content: T; }

    export function order(text: string): string { return JSON.stringify(JSON.parse<Order>(text)); }
    export function page(text: string): string { return JSON.stringify(JSON.parse<Page<Item[]>>(text)); }
    export function value(text: string): string { return JSON.parse<Value>(text).toString(); }
    export function strings(text: string): string { return JSON.stringify(JSON.parse<string>(text)); }
    export function member(text: string, name: string): string {
      const found = JSON.parse<Value>(text).get(name);
      return found === null ? "nothing" : found.as<string>();
    }
    export function raw(text: string): string { return JSON.parse<RawValue>(text).text; }
    export function rawMembers(text: string): string { return JSON.stringify(JSON.parse<Map<string, RawValue | null>>(text)); }
    export function rawQuantity(text: string): i32 { return JSON.parse<RawValue>(text).as<Item>().qty; }
    export function built(): string {
      return Value.object().set("list", [1, 2]).set("text", "x").set<Value>("null", new Value()).toString();
    }
  `);
});

const refuses = (call, message) => assert.throws(call, (error) => (assert.equal(error.message.split(" in ~lib")[0], message), true));

test("a class takes what its fields say, and is written whole", () => {
  assert.equal(
    wasm.order('{"items":[{"sku":"A","qty":2,"unknown":[{}]}],"express":true,"prices":{"A":9.5}}'),
    '{"id":7,"note":null,"items":[{"sku":"A","qty":2,"tags":[]}],"express":true,"prices":{"A":9.5},"extra":null}',
  );
  assert.equal(wasm.page('{"content":[{"sku":"A","qty":2}]}'), '{"content":[{"sku":"A","qty":2,"tags":[]}]}');
});

test("what does not fit is refused with its place", () => {
  const order = (text) => () => wasm.order(text);
  refuses(order("{}"), "/items: missing");
  refuses(order('{"items":[{"sku":"A"}]}'), "/items/0/qty: missing");
  refuses(order('{"items":[{"sku":"A","qty":1},{"sku":"B","qty":1.5}]}'), "/items/1/qty: expected i32, got the number 1.5");
  refuses(order('{"items":[],"id":256}'), "/id: expected u8, got the number 256");
  refuses(order('{"items":{}}'), "/items: expected an array, got an object");
  refuses(order('{"items":[7]}'), "/items/0: expected an object, got the number 7");
  refuses(order('{"items":[],"express":"yes"}'), '/express: expected true or false, got the string "yes"');
  refuses(order('{"items":[],"express":null}'), "/express: expected true or false, got null");
  refuses(order('{"items":[],"prices":{"A/B~":"x"}}'), '/prices/A~1B~0: expected a number, got the string "x"');
  refuses(order('{"items":[],"items":[]}'), "/items: given twice");
  refuses(order('{"items":[],"\\u0069d":1,"id":2}'), "/id: given twice");
  refuses(order('{"items":[],"prices":{"A":1,"A":2}}'), "/prices/A: given twice");
  refuses(order("[]"), "expected an object, got an array");
  refuses(order(`{"items":[],"express":"${"x".repeat(100)}"}`), `/express: expected true or false, got the string "${"x".repeat(39)}…"`);
});

test("no JSON is refused, and where it stops being JSON is said", () => {
  const value = (text) => () => wasm.value(text);
  refuses(value(""), "no JSON: the text ends too early");
  refuses(value('{"a":'), "no JSON: the text ends too early");
  refuses(() => wasm.order("no object"), "no JSON: unexpected `o` at offset 1");
  refuses(value("garbage"), "no JSON: unexpected `g` at offset 0");
  refuses(value("[1,]"), "no JSON: unexpected `]` at offset 3");
  refuses(value('"\u0007"'), "no JSON: unexpected a control character at offset 1");
  refuses(value("[1] 🦀"), "no JSON: unexpected `🦀` at offset 4");
});

// Where JavaScript's JSON.parse throws, so must this, and where it does not, it must not; but for names given twice.
const CORPUS = [
  "null", "true", "false", "0", "-0", "-1", "1.5", "1e5", "1E+5", "1e-5", '""', "[]", "{}", " [ ] ", "\t{\n}\r", '"\\u00e9"',
  '"\\ud83e\\udd80"', '"\\ud800"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '[[],[[]],{"a":{}}]', '{"":0}', '{"a":1,"b":[true,null]}', '"\u2028"', '"\x7f"',
  "nul", "nulll", "True", "+1", "01", "-01", "1.", ".5", "1.e5", "1e", "1e+", "-", "--1", "0x10", "Infinity", "NaN", "1 2", "'a'",
  '"', '"\\', '"\\u12"', '"\\u123g"', '"\\x41"', '"\\u', '"a\nb"', '"a\tb"', "[", "]", "[1", "[,1]", "[1,,2]", "[1 2]", "[1}", "{", "}",
  '{"a"}', '{"a":}', '{"a":1,}', "{,}", '{"a" 1}', "{a:1}", "{1:1}", '{"a":1 "b":2}', "[1]]", "{}{}", "\u00a0null", "\ufeffnull",
  "/**/null", "null//", "\u0000", "null\u0000", '"\u0000"', "undefined", "[\u000b1]", '{"a":1}}', "[1.0e+]", "- 1", "1_000", "２",
];

test("a text is JSON exactly when JavaScript says so", () => {
  for (const text of CORPUS) {
    let expected = null;
    try {
      expected = JSON.parse(text);
    } catch {
      assert.throws(() => wasm.value(text), /no JSON/, JSON.stringify(text));
      continue;
    }
    assert.deepEqual(JSON.parse(wasm.value(text)), expected, text);
  }
});

test("a valid text cut anywhere is refused, and never read past its end", () => {
  const whole = '{"a":[1,-2.5e3,true,null,"x\\n\\u00e9"],"b":{"c":false}}';
  for (let end = 0; end < whole.length; end++) assert.throws(() => wasm.value(whole.slice(0, end)), /no JSON/, `${end}`);
  assert.equal(wasm.value(whole), '{"a":[1,-2.5e3,true,null,"x\\né"],"b":{"c":false}}');
});

test("nesting has an end before the stack has", () => {
  const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);
  assert.equal(wasm.value(nested(128)), nested(128));
  assert.throws(() => wasm.value(nested(129)), /nested deeper than 128 levels/);
  assert.throws(() => wasm.value("[".repeat(1_000_000)), /nested deeper than 128 levels/);
  assert.throws(() => wasm.order(`{"items":[],"unknown":${"[".repeat(1000)}`), /nested deeper than 128 levels/);
});

test("a string is read and written as JavaScript does, escapes and all", () => {
  let text = "";
  for (let unit = 0; unit < 0x300; unit++) text += String.fromCharCode(unit);
  text += "☃🦀\u2028\ufffe";
  assert.equal(wasm.strings(JSON.stringify(text)), JSON.stringify(text));
  const escaped = [...text].map((c) => [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")).join("");
  assert.equal(JSON.parse(wasm.strings(`"${escaped}"`)), text);
});

test("numbers of a Value stay as they were written", () => {
  const text = '[18446744073709551616,1e400,-0.10,1.50E+3]';
  assert.equal(wasm.value(text), text);
});

test("a Value is asked and built by name", () => {
  assert.equal(wasm.member('{"a":"x"}', "a"), "x");
  assert.equal(wasm.member('{"a":"x"}', "b"), "nothing");
  assert.throws(() => wasm.member('{"a":7}', "a"), /expected a string, got the number 7/);
  assert.equal(wasm.built(), '{"list":[1,2],"text":"x","null":null}');
});

test("a RawValue stays as it was written, and is JSON", () => {
  for (const text of ["null", "-0.10", '"\\u0041\\/"', "[ 1,\t2 ]", '{"b": 1e400, "a": {}, "b": 2}']) {
    assert.equal(wasm.raw(text), text);
    assert.equal(wasm.raw(` \n${text}\r\n`), text);
    if (text !== "null") assert.equal(wasm.rawMembers(`{"m" : ${text} ,"n":null}`), `{"m":${text},"n":null}`);
  }
  assert.equal(wasm.rawQuantity(' {"sku":"A","qty":2}'), 2);
  refuses(() => wasm.raw("[1,]"), "no JSON: unexpected `]` at offset 3");
  refuses(() => wasm.raw("1 2"), "no JSON: unexpected `2` at offset 2");
  refuses(() => wasm.rawQuantity('{"sku":"A"}'), "/qty: missing");
});
