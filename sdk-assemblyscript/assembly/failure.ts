// An activation's error as the JSON that its caller gets.
import { OBJECT, TOTAL_OVERHEAD } from "rt/common";
import { setSize } from "./abi";
import { JSON } from "./json";
import { lastMessage } from "./thrown";

/** A message with JSON: a string, behind whose end lie the JSON's size and text. Only its header tells it from others. */
@final
class Bearing {}

/** What was thrown last. */
export function lastFailure(): string {
  const message = lastMessage();
  const start = changetype<usize>(message);
  if (changetype<OBJECT>(start - TOTAL_OVERHEAD).rtId != idof<Bearing>()) return JSON.stringify(message);
  const end = start + (<usize>message.length << 1);
  const json = __new(load<u32>(end), idof<String>());
  memory.copy(json, end + 4, load<u32>(end));
  return changetype<string>(json);
}

/**
 * An error for programs: `throw new Error(errorValue(details))` ends the activation with `details`
 * as JSON instead of a sentence.
 */
export function errorValue<T>(details: T): string {
  const json = JSON.stringify<T>(details);
  return bearing(json, json);
}

/** A message that is JSON for the caller, as long as it is this very string: what is made of it is a sentence. */
export function bearing(message: string, json: string): string {
  const size = <usize>message.length << 1;
  const jsonSize = <usize>json.length << 1;
  const block = __new(size + 4 + jsonSize, idof<Bearing>());
  memory.copy(block, changetype<usize>(message), size);
  store<u32>(block + size, <u32>jsonSize);
  memory.copy(block + size + 4, changetype<usize>(json), jsonSize);
  setSize(block, size);
  return changetype<string>(block);
}
