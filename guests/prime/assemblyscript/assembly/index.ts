// Counts the primes up to a limit with the sieve of Eratosthenes: work for processor and memory.
import { Value } from "wow-action";

/** One byte of memory a number. */
const MAX_LIMIT: u32 = 100_000_000;

class Input {
  limit: u32;
}

class Output {
  count: u32 = 0;
  /** `null` if there is none. */
  largest: Value = new Value();
}

export function main(input: Input): Output {
  if (input.limit > MAX_LIMIT) throw new Error(`the limit ${input.limit} is more than ${MAX_LIMIT}`);
  return sieve(input.limit);
}

function sieve(limit: u32): Output {
  const composite = new StaticArray<bool>(limit + 1);
  // Unchecked: what is below the limit is in the array, and its square root squared fits 32 bits.
  for (let n: u32 = 2; n * n <= limit; n++) {
    if (unchecked(composite[n])) continue;
    for (let multiple = n * n; multiple <= limit; multiple += n) unchecked((composite[multiple] = true));
  }
  // A loop of its own: its few variables are in registers.
  let count: u32 = 0;
  for (let n: u32 = 2; n <= limit; n++) if (!unchecked(composite[n])) count++;
  let largest = limit;
  while (largest > 1 && unchecked(composite[largest])) largest--;
  return { count, largest: largest > 1 ? Value.from(largest) : new Value() };
}
