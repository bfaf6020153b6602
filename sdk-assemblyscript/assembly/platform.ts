// The activation's surroundings: environment, clocks, randomness. What is not used is not imported.
import { SCRATCH, liftBytes, liftString, releaseList } from "./abi";
import { getArguments, getEnvironment } from "./wasi/cli";
import { monotonicClock, subscribeDuration, wallClock } from "./wasi/clocks";
import { block, dropPollable } from "./wasi/io";
import { getRandomBytes } from "./wasi/random";

/** Of a `tuple<string, string>`. */
const PAIR: usize = 16;
/** Of a `string`. */
const STRING: usize = 8;

/** The variables that were set for the action, and the platform's `__OW_*`. */
export function environment(): Map<string, string> {
  const variables = new Map<string, string>();
  getEnvironment(SCRATCH);
  const list = <usize>load<u32>(SCRATCH);
  const length = <usize>load<u32>(SCRATCH, 4);
  for (let pair = list; pair < list + length * PAIR; pair += PAIR) {
    const name = liftString(load<u32>(pair), load<u32>(pair, 4));
    variables.set(name, liftString(load<u32>(pair, 8), load<u32>(pair, 12)));
  }
  releaseList(list, length);
  return variables;
}

/** Of a program: its name, and what it was given. */
export function commandLine(): string[] {
  getArguments(SCRATCH);
  const list = <usize>load<u32>(SCRATCH);
  const length = <usize>load<u32>(SCRATCH, 4);
  const strings: string[] = [];
  for (let one = list; one < list + length * STRING; one += STRING) {
    strings.push(liftString(load<u32>(one), load<u32>(one, 4)));
  }
  releaseList(list, length);
  return strings;
}

/** Milliseconds since 1970. */
export function unixMilliseconds(): i64 {
  wallClock(SCRATCH);
  return <i64>(load<u64>(SCRATCH) * 1000 + <u64>load<u32>(SCRATCH, 8) / 1_000_000);
}

/** Of a clock that does not go back. */
export function monotonicMilliseconds(): f64 {
  return <f64>monotonicClock() / 1e6;
}

/** Waits. The time counts against the activation's deadline. */
export function sleep(milliseconds: u64): void {
  const pollable = subscribeDuration(milliseconds * 1_000_000);
  block(pollable);
  dropPollable(pollable);
}

export function fillRandom(array: Uint8Array): void {
  getRandomBytes(<u64>array.byteLength, SCRATCH);
  const bytes = liftBytes(load<u32>(SCRATCH), load<u32>(SCRATCH, 4));
  memory.copy(array.dataStart, changetype<usize>(bytes), <usize>array.byteLength);
}
