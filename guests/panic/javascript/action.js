// Ends in every way in which an action can end without an answer.

/** What is given happens, the first of it only. */
export function main({ message, exit, overflow_stack, memory_mb = 0 }) {
  if (message !== undefined) {
    // The engine has no panic: a throw would be an answer.
    console.error(message);
    process.exit(1);
  }
  if (exit !== undefined) process.exit(exit);
  if (overflow_stack) recurse(0);
  const held = [];
  for (let i = 0; i < memory_mb; i++) held.push(new Uint8Array(1 << 20).fill(1));
  return { survived: true };
}

function recurse(depth) {
  return recurse(depth + 1) + depth;
}
