// Strings on their way out: Unicode, whatever the program made.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { instantiate } from "./compile.mjs";

let wasm;
before(async () => {
  wasm = await instantiate(`
    import { wellFormed } from "wow-action/abi";
    export function repair(units: Uint16Array): Uint16Array {
      let text = "";
      for (let i = 0; i < units.length; i++) text += String.fromCharCode(units[i]);
      const made = wellFormed(text);
      const result = new Uint16Array(made.length);
      for (let i = 0; i < made.length; i++) result[i] = <u16>made.charCodeAt(i);
      return result;
    }
  `);
});

const units = (text) => Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));

test("a lone surrogate is replaced wherever it stands, and nothing else is", () => {
  const parts = ["a", "\ud83e\udd80", "\ud800", "\udc00", "\udbff", "\udfff", "\ue000", "☃"];
  let texts = [""];
  // Sequences of up to five parts, so that every part meets every alignment of a scan of four units.
  for (let length = 0; length < 5; length++) {
    texts = texts.flatMap((text) => parts.map((part) => text + part));
    for (const text of texts.filter((_, index) => index % 7 === 0 || length < 3)) {
      const made = String.fromCharCode(...wasm.repair(units(text)));
      assert.equal(made, text.toWellFormed(), JSON.stringify(text));
    }
  }
});
