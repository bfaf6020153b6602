// Ends in every way in which an action can end without an answer.
import { Value } from "wow-action";

/** What is given happens, the first of it only. */
class Input {
  /** Aborts with this message. */
  message: string | null = null;
  /** Exits with this code: any number, or none. */
  exit: Value | null = null;
  /** Recurses without an end. */
  overflow_stack: bool = false;
  /** Allocates and touches so much memory. */
  memory_mb: u32 = 0;
}

class Output {
  survived: bool = true;
}

export function main(input: Input): Output {
  const message = input.message;
  if (message !== null) abort(message);
  const code = input.exit;
  if (code !== null) process.exit(code.as<i32>());
  if (input.overflow_stack) recurse(0);
  const held: Uint8Array[] = [];
  for (let i: u32 = 0; i < input.memory_mb; i++) held.push(new Uint8Array(1 << 20).fill(1));
  return new Output();
}

let depths: u64 = 0;

function recurse(depth: u64): u64 {
  depths += depth;
  // The addition after the call, on a variable of the module, keeps this from becoming a loop.
  return recurse(depth + 1) + depths;
}
