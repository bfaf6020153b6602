// `try` and `catch` for a language that has neither.
import { guarded, lastMessage } from "./thrown";

/** How an attempt ended: with a value, or with the message of what was thrown. */
export class Outcome<R> {
  constructor(
    private result: R,
    /** The message, null if nothing was thrown. */
    readonly error: string | null,
  ) {}

  get ok(): bool {
    return this.error === null;
  }

  /** The value. Throws what was thrown, if something was. */
  get value(): R {
    const error = this.error;
    if (error !== null) throw new Error(error);
    return this.result;
  }

  /** The value, or another one if something was thrown. */
  or(other: R): R {
    return this.error === null ? this.result : other;
  }
}

/**
 * Calls `run` with an argument and catches what it throws. AssemblyScript's functions capture no
 * variables, so what `run` needs is its argument.
 *
 * In a component without exceptions a throw ends the activation here, too.
 */
export function attempt<A, R>(argument: A, run: (argument: A) => R): Outcome<R> {
  const attempted = new Call<A, R>(argument, run);
  const outer = current;
  current = attempted;
  const done = guarded(callCurrent);
  current = outer;
  return new Outcome<R>(attempted.result, done ? null : lastMessage());
}

function zero<R>(): R {
  if (isReference<R>()) return changetype<R>(0);
  return <R>0;
}

class Attempted {
  call(): void {}
}

class Call<A, R> extends Attempted {
  /** Zero until it is called, and not read before. */
  result: R = zero<R>();

  constructor(private argument: A, private run: (argument: A) => R) {
    super();
  }

  call(): void {
    this.result = this.run(this.argument);
  }
}

let current: Attempted = new Attempted();

function callCurrent(): void {
  current.call();
}
