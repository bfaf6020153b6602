// Returns the environment variables that it sees.

class Input {
  /** Only these. */
  names: string[] | null = null;
  /** Only what OpenWhisk says of the activation, without the `__OW_` and in lower case. */
  context: bool = false;
}

const CONTEXT = ["api_host", "api_key", "namespace", "action_name", "action_version", "activation_id", "deadline"];

/** `null` is a variable that is not there. */
export function main(input: Input): Map<string, string | null> {
  const output = new Map<string, string | null>();
  if (input.context) {
    for (let i = 0; i < CONTEXT.length; i++) {
      output.set(CONTEXT[i], read("__OW_" + CONTEXT[i].toUpperCase()));
    }
    return output;
  }
  const names = input.names;
  const wanted = names === null ? process.env.keys() : names;
  for (let i = 0; i < wanted.length; i++) output.set(wanted[i], read(wanted[i]));
  return output;
}

function read(name: string): string | null {
  return process.env.has(name) ? process.env.get(name) : null;
}
