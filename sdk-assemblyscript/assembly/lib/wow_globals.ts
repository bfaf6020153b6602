// The globals of AssemblyScript, on WASI instead of an embedder's imports. `compiler/build.mjs` puts them in their places.
import { Date } from "date";
import { commandLine, environment, fillRandom, monotonicMilliseconds, unixMilliseconds } from "wow-action/platform";
import { ReadableStream, WritableStream } from "wow-action/stdio";
import { logErrorLine, logLine, openStderr, openStdout } from "wow-action/streams";
import { fail } from "wow-action/thrown";
import { exit, getStdin } from "wow-action/wasi/cli";
import { monotonicClock } from "wow-action/wasi/clocks";
import { getRandomU64 } from "wow-action/wasi/random";

/**
 * What `throw`, a failed assertion and the standard library call, with their place; and what `abort` is, which has
 * none: that ends the activation as a defect, not as an error of the action.
 */
export function wow_abort(
  message: string | null = null,
  file: string | null = null,
  line: u32 = 0,
  column: u32 = 0,
): void {
  const text = message === null || !message.length ? "an error without a message" : message;
  if (isDefined(WOW_ABORT) && !line) {
    // One line, as the log counts them.
    logErrorLine("aborted: " + text.replaceAll("\n", " "));
    unreachable();
  }
  const place = " (" + (file === null ? "" : file) + ":" + line.toString() + ":" + column.toString() + ")";
  if (!isDefined(WOW_EXCEPTIONS)) {
    logErrorLine(text + place);
    unreachable();
  }
  if (isDefined(WOW_PLACES)) logErrorLine("threw: " + text + place);
  // What the action throws is its own words; the standard library's need the place to be understood.
  fail(file !== null && file.startsWith("~lib/") && !file.startsWith("~lib/wow-action/") ? text + place : text);
}

export function wow_trace(
  message: string,
  n: i32 = 0,
  a0: f64 = 0,
  a1: f64 = 0,
  a2: f64 = 0,
  a3: f64 = 0,
  a4: f64 = 0,
): void {
  let line = "trace: " + message;
  if (n > 0) line += " " + a0.toString();
  if (n > 1) line += ", " + a1.toString();
  if (n > 2) line += ", " + a2.toString();
  if (n > 3) line += ", " + a3.toString();
  if (n > 4) line += ", " + a4.toString();
  logErrorLine(line);
}

/** Of `Math.random`. */
export function wow_seed(): f64 {
  return reinterpret<f64>(getRandomU64());
}

export namespace wow_console {
  export function assert<T>(condition: T, message: string = ""): void {
    if (!condition) logErrorLine("Assertion failed: " + message);
  }
  export function log(message: string = ""): void {
    logLine(message);
  }
  export function debug(message: string = ""): void {
    logLine(message);
  }
  export function info(message: string = ""): void {
    logLine(message);
  }
  export function warn(message: string = ""): void {
    logErrorLine(message);
  }
  export function error(message: string = ""): void {
    logErrorLine(message);
  }
}

export class wow_Date extends Date {
  static now(): i64 {
    return unixMilliseconds();
  }
}

export namespace wow_performance {
  export function now(): f64 {
    return monotonicMilliseconds();
  }
}

export namespace wow_crypto {
  export function getRandomValues(array: Uint8Array): void {
    fillRandom(array);
  }
}

export namespace wow_process {
  export const arch = "wasm32";
  export const platform = "wasm";
  // @ts-ignore: decorator
  @lazy export const argv: string[] = commandLine();
  // @ts-ignore: decorator
  @lazy export const env: Map<string, string> = environment();
  /** What a program exits with that just returns. */
  // @ts-ignore: decorator
  @lazy export let exitCode: i32 = 0;
  // @ts-ignore: decorator
  @lazy export const stdin: ReadableStream = new ReadableStream(getStdin(), "stdin");
  // @ts-ignore: decorator
  @lazy export const stdout: WritableStream = new WritableStream(openStdout());
  // @ts-ignore: decorator
  @lazy export const stderr: WritableStream = new WritableStream(openStderr());
  export function exit(code: i32 = exitCode): void {
    end(code != 0);
    unreachable();
  }
  export function time(): i64 {
    return unixMilliseconds();
  }
  export function hrtime(): u64 {
    return monotonicClock();
  }
}

function end(isError: bool): void {
  exit(isError);
}
