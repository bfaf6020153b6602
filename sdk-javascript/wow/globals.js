// What JavaScript's hosts have and the bare engine lacks, on WASI. Evaluated before the action.
//
// Nothing here calls WASI while it is evaluated: that happens in the build, where there is none.
import environment from "wasi:cli/environment@0.2.12";
import exit from "wasi:cli/exit@0.2.12";
import stderr from "wasi:cli/stderr@0.2.12";
import stdout from "wasi:cli/stdout@0.2.12";
import monotonic from "wasi:clocks/monotonic-clock@0.2.12";
import random from "wasi:random/random@0.2.12";

/** What one write takes, by `wasi:io/streams`. */
const WRITE = 4096;
/** Random bytes that are fetched at once: a call of the host costs more than they do. */
const POOL = 1024;

globalThis.TextEncoder = class TextEncoder {
  encoding = "utf-8";

  encode(text = "") {
    const bytes = unescape(encodeURIComponent(String(text).toWellFormed()));
    return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
  }
};

const encoder = new TextEncoder();

function line(stream, words) {
  const bytes = encoder.encode(words.map(shown).join(" ") + "\n");
  for (let start = 0; start < bytes.length; start += WRITE) {
    stream.blockingWriteAndFlush(bytes.subarray(start, start + WRITE));
  }
}

function shown(value) {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value}\n${value.stack}`.trimEnd();
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return String(value);
  }
}

// One handle each, for all of an activation.
let out, err;
const toStdout = (...words) => line((out ??= stdout.getStdout()), words);
const toStderr = (...words) => line((err ??= stderr.getStderr()), words);

globalThis.console = {
  log: toStdout,
  info: toStdout,
  debug: toStdout,
  warn: toStderr,
  error: toStderr,
};

globalThis.process = {
  get env() {
    return Object.fromEntries(environment.getEnvironment());
  },
  exit: (code = 0) => exit.exit({ tag: code === 0 ? "ok" : "err" }),
};

// The engine's own counts from the build.
globalThis.performance = { now: () => monotonic.now() / 1e6 };

globalThis.crypto = {
  getRandomValues(array) {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.set(random.getRandomBytes(bytes.length));
    return array;
  },
};

// The engine's own was seeded in the build: it would be the same in every activation.
let pool = new Uint32Array(0);
let next = 0;
Math.random = () => {
  if (next === pool.length) {
    pool = crypto.getRandomValues(new Uint32Array(POOL / 4));
    next = 0;
  }
  const [high, low] = [pool[next++] >>> 5, pool[next++] >>> 6];
  // The 53 bits that a double between 0 and 1 has.
  return (high * 2 ** 26 + low) / 2 ** 53;
};
