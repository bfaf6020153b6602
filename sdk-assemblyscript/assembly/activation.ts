// What the platform tells of this run, as OpenWhisk's variables `__OW_*`.
import { environment, unixMilliseconds } from "./platform";

export class Activation {
  private constructor(private variables: Map<string, string>) {}

  static current(): Activation {
    return new Activation(environment());
  }

  /** The activation's id; null outside of a platform, as all of these. */
  get id(): string | null {
    return this.variable("__OW_ACTIVATION_ID");
  }

  /** The namespace of the caller. */
  get namespace(): string | null {
    return this.variable("__OW_NAMESPACE");
  }

  /** The action's full name. */
  get actionName(): string | null {
    return this.variable("__OW_ACTION_NAME");
  }

  get actionVersion(): string | null {
    return this.variable("__OW_ACTION_VERSION");
  }

  /** Where the platform's API is. */
  get apiHost(): string | null {
    return this.variable("__OW_API_HOST");
  }

  /** The key of the caller's namespace, if the action is annotated with `provide-api-key`. */
  get apiKey(): string | null {
    return this.variable("__OW_API_KEY");
  }

  /** Milliseconds until the host ends the activation; -1 if it has no deadline. */
  get remaining(): i64 {
    const deadline = this.variable("__OW_DEADLINE");
    if (deadline === null) return -1;
    return max<i64>(I64.parseInt(deadline) - unixMilliseconds(), 0);
  }

  private variable(name: string): string | null {
    return this.variables.has(name) ? this.variables.get(name) : null;
  }
}
