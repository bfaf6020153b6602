// How a `throw` ends, and what catches it. The compiler's backend (`compiler/exceptions.mjs`) replaces the two
// imports: they are in no component.
import { JSON } from "./json";

// @ts-ignore: decorator
@external("wow", "throw")
declare function raise(): void;

// @ts-ignore: decorator
@external("wow", "try")
declare function attemptTable(index: u32): bool;

/** What was thrown last, as text or as JSON. */
let message: string = "";
/** The text that `errorValue` made last: a message that is this very string is JSON already. */
let value: string | null = null;

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

/** What was thrown last, as the JSON that the caller gets. */
export function lastFailure(): string {
  const made = value;
  if (made !== null && changetype<usize>(made) == changetype<usize>(message)) return made;
  return JSON.stringify(message);
}

/**
 * An error for programs: `throw new Error(errorValue(details))` ends the activation with `details`
 * as JSON instead of a sentence.
 */
export function errorValue<T>(details: T): string {
  const text = JSON.stringify<T>(details);
  value = text;
  return text;
}
