// Adds two numbers.

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

export function main({ a, b }) {
  // In `bigint`: a double is not exact beyond 2^53.
  const sum = whole("a", a) + whole("b", b);
  if (sum < LEAST || sum > MOST) throw new Error(`the sum of ${a} and ${b} does not fit in 64 bits`);
  return { sum };
}

function whole(name, value) {
  if (typeof value === "bigint" || Number.isInteger(value)) return BigInt(value);
  throw new Error(`${name} is no whole number`);
}
