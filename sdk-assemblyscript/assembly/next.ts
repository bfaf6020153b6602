// The action inside of a middleware.
import { SCRATCH, liftString, wellFormed } from "./abi";
import { Outcome, attempt } from "./attempt";
import { bearing } from "./failure";
import { JSON } from "./json";

// @ts-ignore: decorator
@external("wow:action/handler@0.1.0", "run")
declare function runInside(parameters: usize, length: usize, result: usize): void;

/** It runs in the same activation: its log is the middleware's, and so is its trap. */
export class Next {
  private constructor() {}

  /** The component's import. */
  static imported(): Next {
    return new Next();
  }

  /** Runs the action inside, once for each call. Throws its error, which stays as it is on its way to the caller. */
  run<I, O>(parameters: I): O {
    const text = wellFormed(JSON.stringify<I>(parameters));
    runInside(changetype<usize>(text), text.length, SCRATCH);
    // `result<string, string>`: the case at 0, the pointer at 4, the length at 8.
    const isError = load<u8>(SCRATCH);
    const made = liftString(load<u32>(SCRATCH, 4), load<u32>(SCRATCH, 8));
    if (isError) throw new Error(messageOf(made));
    return JSON.parseAs<O>(made, "invalid outcome of the action inside: ");
  }

  /** As `run`, and catches what it throws. */
  attempt<I, O>(parameters: I): Outcome<O> {
    return attempt<I, O>(parameters, (parameters: I): O => imported().run<I, O>(parameters));
  }
}

/** What the frame gives to `main`. */
export function imported(): Next {
  return Next.imported();
}

/** The message of an error that is this text: its sentence, if it is one. The caller gets the text. */
function messageOf(error: string): string {
  // An action that no SDK made may say its error in plain words.
  if (!error.startsWith('"')) return bearing(error, error);
  const sentence = attempt<string, string>(error, (error: string): string => JSON.parse<string>(error)).or(error);
  // An empty message would be replaced.
  return bearing(sentence.length ? sentence : error, error);
}
