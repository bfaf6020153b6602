// What was thrown, and what catches it. The backend (`compiler/backend.mjs`) replaces the two imports: they are in no
// component. Imports nothing, since everything that throws imports it.

// @ts-ignore: decorator
@external("wow", "throw")
declare function raise(): void;

// @ts-ignore: decorator
@external("wow", "try")
declare function attemptTable(index: u32): bool;

// Lazy: other modules' globals may throw before this module's turn comes.
// @ts-ignore: decorator
@lazy
let message: string = "";

/** Ends what runs: the nearest `guarded` returns false. */
export function fail(text: string): void {
  message = text;
  raise();
}

/** Calls a function; false if it threw. */
export function guarded(body: () => void): bool {
  let stack: usize = 0;
  if (ASC_RUNTIME == 2) stack = __stack_pointer;
  const done = attemptTable(body.index);
  // An exception skips the epilogues that pop the collector's shadow stack.
  if (ASC_RUNTIME == 2) __stack_pointer = stack;
  return done;
}

/** The message of what was thrown last. */
export function lastMessage(): string {
  return message;
}
