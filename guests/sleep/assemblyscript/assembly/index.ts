// Sleeps: an activation that waits and computes nothing.
import { sleep } from "wow-action";

class Input {
  milliseconds: u64;
}

class Output {
  slept: u64;
}

export function main(input: Input): Output {
  sleep(input.milliseconds);
  return { slept: input.milliseconds };
}
