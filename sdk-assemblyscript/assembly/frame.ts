// One activation, from the host's string to the result that the host reads.
import { liftString, lowerResult } from "./abi";
import { lastFailure } from "./failure";
import { JSON } from "./json";
import { guarded } from "./thrown";

let parameters: string = "";
let outcome: string = "{}";

/** Runs `body`, the generated call of the action's `main`, between `takeParameters` and `giveOutcome`. */
export function serve(pointer: usize, length: usize, body: () => void): usize {
  parameters = liftString(pointer, length);
  outcome = "{}";
  const done = guarded(body);
  parameters = "";
  return lowerResult(!done, done ? outcome : lastFailure());
}

/** What the action was invoked with, as what `main` takes. */
export function takeParameters<T>(): T {
  return JSON.parseAs<T>(parameters, "invalid parameters: ");
}

/** What `main` returned. */
export function giveOutcome<T>(value: T): void {
  outcome = JSON.stringify<T>(value);
}
