// Adds two numbers.

class Input {
  a: i64;
  b: i64;
}

class Output {
  sum: i64;
}

export function main(input: Input): Output {
  const sum = input.a + input.b;
  // Two numbers of one sign have a sum of the other only if it did not fit.
  if (((input.a ^ sum) & (input.b ^ sum)) < 0) {
    throw new Error(`the sum of ${input.a} and ${input.b} does not fit in 64 bits`);
  }
  return { sum };
}
