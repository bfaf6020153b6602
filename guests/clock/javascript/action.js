// Reads the wall clock, and the monotonic clock often enough to see it go back if it did.

const READINGS = 1000;

export function main() {
  const unix_ms = Date.now();
  const first = performance.now();
  let last = first;
  let monotonic_went_back = false;
  for (let i = 1; i < READINGS; i++) {
    const now = performance.now();
    if (now < last) monotonic_went_back = true;
    last = now;
  }
  return { unix_ms, monotonic_ms_elapsed: last - first, monotonic_went_back };
}
