// Counts the primes up to a limit with the sieve of Eratosthenes: work for processor and memory.

/** One byte of memory a number. */
const MAX_LIMIT = 100_000_000;

export function main({ limit }) {
  if (!Number.isInteger(limit) || limit < 0) throw new Error("the limit is no whole number");
  if (limit > MAX_LIMIT) throw new Error(`the limit ${limit} is more than ${MAX_LIMIT}`);
  const composite = new Uint8Array(limit + 1);
  let count = 0;
  let largest = null;
  for (let n = 2; n <= limit; n++) {
    if (composite[n]) continue;
    count++;
    largest = n;
    for (let multiple = n * n; multiple <= limit; multiple += n) composite[multiple] = 1;
  }
  return { count, largest };
}
