// A function with types of its own: two numbers, exactly.
import { Sum } from "./world";

export function add(a: i64, b: i64): Sum {
  const sum = a + b;
  // Two numbers of one sign have a sum of the other only if it did not fit.
  if (((a ^ sum) & (b ^ sum)) < 0) throw new Error("the sum does not fit in 64 bits");
  return new Sum(sum);
}
