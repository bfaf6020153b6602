// Makes a component of `main` in `../action.js`: JSON in, JSON out, a throw is the action's own error.
import "./globals.js";
import { main } from "../action.js";

export const handler = { run };

function run(parameters) {
  try {
    const result = main(parse(parameters));
    if (typeof result?.then === "function") throw new Error("`main` must return its result, not a promise of it");
    return stringify(result === undefined ? {} : result);
  } catch (thrown) {
    throw stringify(error(thrown));
  }
}

/** What the caller sees of what was thrown. */
function error(thrown) {
  if (!(thrown instanceof Error)) return thrown ?? null;
  if (thrown instanceof InternalError) {
    // The engine is at its end, such as that of the memory: a failure, not an answer.
    console.error(thrown);
    process.exit(1);
  }
  // An error of the action's own is a sentence. Any other tells the developer where it was.
  if (thrown.constructor === Error) return thrown.message;
  console.error(thrown);
  return String(thrown);
}

/** Whether a text may have a whole number that no double is. */
const LONG = /\d{16}/;

/** Reads JSON. Whole numbers beyond 2^53 are of type `bigint`. */
function parse(text) {
  return LONG.test(text) ? JSON.parse(text, exact) : JSON.parse(text);
}

function exact(_key, value, { source }) {
  const inexact = typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source);
  return inexact ? BigInt(source) : value;
}

/** Writes JSON, a `bigint` as a number. */
function stringify(value) {
  const text = JSON.stringify(value, (_key, value) => (typeof value === "bigint" ? JSON.rawJSON(String(value)) : value));
  if (text === undefined) throw new Error("the result is nothing that JSON knows");
  return text;
}
