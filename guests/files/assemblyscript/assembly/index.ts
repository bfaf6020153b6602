// Writes, reads and lists files.
import { Outcome, Value, attempt, errorValue, readDirectory, readTextFile, writeTextFile } from "wow-action";

/** What is given is done in this order. */
class Input {
  write: string | null = null;
  /** What is written. */
  text: string = "";
  read: string | null = null;
  list: string | null = null;
}

class Denied {
  constructor(public operation: string, public path: string, public reason: string) {}
}

export function main(input: Input): Value {
  const output = Value.object();
  const written = input.write;
  if (written !== null) {
    allowed("write", written, attempt<Input, bool>(input, write));
    output.set("written", String.UTF8.byteLength(input.text));
  }
  const read = input.read;
  if (read !== null) output.set("text", allowed("read", read, attempt<string, string>(read, readTextFile)));
  const list = input.list;
  if (list !== null) output.set("entries", allowed("list", list, attempt<string, string[]>(list, readDirectory)));
  return output;
}

function write(input: Input): bool {
  writeTextFile(input.write!, input.text);
  return true;
}

/** The value, or an error for programs: the reason is worded differently by every library. */
function allowed<R>(operation: string, path: string, outcome: Outcome<R>): R {
  const reason = outcome.error;
  if (reason !== null) throw new Error(errorValue(new Denied(operation, path, reason)));
  return outcome.value;
}
