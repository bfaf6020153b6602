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
  let count: u32 = 0;
  let largest: u32 = 0;
  // Unchecked: what is below the limit is in the array.
  for (let n: u32 = 2; n <= limit; n++) {
    if (unchecked(composite[n])) continue;
    count++;
    largest = n;
    // In 64 bits: in 32 the square may not fit.
    if (<u64>n * n > limit) continue;
    for (let multiple = n * n; multiple <= limit; multiple += n) unchecked((composite[multiple] = true));
  }
  return { count, largest: largest ? Value.from(largest) : new Value() };
}
