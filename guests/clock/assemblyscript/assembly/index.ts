// Reads the wall clock, and the monotonic clock often enough to see it go back if it did.

const READINGS = 1000;

class Output {
  unix_ms: i64 = 0;
  monotonic_ms_elapsed: f64 = 0;
  monotonic_went_back: bool = false;
}

export function main(): Output {
  const output = new Output();
  output.unix_ms = Date.now();
  const first = performance.now();
  let last = first;
  for (let i = 1; i < READINGS; i++) {
    const now = performance.now();
    if (now < last) output.monotonic_went_back = true;
    last = now;
  }
  output.monotonic_ms_elapsed = last - first;
  return output;
}
