// Calls `wasi:filesystem` step by step, as the tests of files ask for it: no library in between forbids or repairs
// anything.
import { Value, attempt } from "wow-action";
import { CREATE, DIRECTORY, Descriptor, EXCLUSIVE, FOLLOW, READ, TRUNCATE, WRITE } from "./descriptor";

/** One call, `on` a descriptor: `/NAME` for what was granted, else what `open` called it. */
class Step {
  call: string;
  on: string;
  path: string = "";
  /** `create`, `exclusive`, `truncate`, `directory`, `write`, `follow`. */
  with: string[] = [];
  as: string = "";
  text: string = "";
  offset: u64 = 0;
  bytes: u64 = 0;
  size: u64 = 0;
  to: string = "";
  new: string = "";
  target: string = "";
  follow: bool = false;
}

class Input {
  steps: Step[];
}

class Output {
  /** What was granted. */
  directories: string[];
  /** What became of each step: `{"ok": …}` or `{"error": …}`. */
  steps: Value[];
}

class Ok<T> {
  constructor(public ok: T) {}
}

class Failed {
  constructor(public error: string) {}
}

let descriptors = new Map<string, Descriptor>();

export function main(input: Input): Output {
  descriptors = Descriptor.granted();
  const directories = descriptors.keys().sort();
  const steps = input.steps.map<Value>((step: Step): Value => {
    const taken = attempt<Step, Value>(step, take);
    const error = taken.error;
    return error === null ? taken.value : Value.from(new Failed(error));
  });
  const open = descriptors.values();
  for (let i = 0; i < open.length; i++) open[i].drop();
  return { directories, steps };
}

/** What a step is answered; throws the name of its error. */
function take(step: Step): Value {
  if (step.call == "close") return close(step.on);
  const on = find(step.on);
  switch (step.call) {
    case "open": return open(on, step);
    case "read": return ok(on.read());
    case "write": return ok(on.write(step.text, step.offset));
    case "list": return ok(on.readDirectory());
    case "stat": return ok(on.statAt(step.follow ? FOLLOW : 0, step.path));
    case "stream": on.writeViaStream(step.offset, step.bytes); break;
    case "append": on.appendViaStream(step.bytes); break;
    case "resize": on.setSize(step.size); break;
    case "touch": on.setTimesAt(0, step.path); break;
    case "make-directory": on.createDirectoryAt(step.path); break;
    case "remove-directory": on.removeDirectoryAt(step.path); break;
    case "unlink": on.unlinkFileAt(step.path); break;
    case "rename": on.renameAt(step.path, find(step.to), step.new); break;
    case "link": on.linkAt(0, step.path, find(step.to), step.new); break;
    case "symlink": on.symlinkAt(step.target, step.path); break;
    default: throw new Error(`no call \`${step.call}\``);
  }
  return done();
}

function find(name: string): Descriptor {
  if (!descriptors.has(name)) throw new Error(`no descriptor \`${name}\``);
  return descriptors.get(name);
}

function open(on: Descriptor, step: Step): Value {
  const has = step.with;
  let how = 0;
  if (has.includes("create")) how |= CREATE;
  if (has.includes("exclusive")) how |= EXCLUSIVE;
  if (has.includes("truncate")) how |= TRUNCATE;
  if (has.includes("directory")) how |= DIRECTORY;
  const flags = has.includes("write") ? READ | WRITE : READ;
  const opened = on.openAt(has.includes("follow") ? FOLLOW : 0, step.path, how, flags);
  const name = step.as.length ? step.as : step.path;
  close(name);
  descriptors.set(name, opened);
  return done();
}

function close(name: string): Value {
  if (descriptors.has(name)) descriptors.get(name).drop();
  descriptors.delete(name);
  return done();
}

function ok<T>(value: T): Value {
  return Value.from(new Ok<T>(value));
}

function done(): Value {
  return ok<string | null>(null);
}
