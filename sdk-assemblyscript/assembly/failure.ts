// An activation's error as the JSON that its caller gets.
import { JSON } from "./json";
import { lastMessage } from "./thrown";

/** The text that `errorValue` made last: a message that is this very string is JSON already. */
let value: string | null = null;

/** What was thrown last. */
export function lastFailure(): string {
  const message = lastMessage();
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
