// Returns the environment variables that it sees.

const CONTEXT = ["api_host", "api_key", "namespace", "action_name", "action_version", "activation_id", "deadline"];

/** `names`: only these. `context`: only what OpenWhisk says of the activation, without the `__OW_` and in lower case. */
export function main({ names, context }) {
  const { env } = process;
  // `null` is a variable that is not there.
  const read = (name) => env[name] ?? null;
  if (context) return Object.fromEntries(CONTEXT.map((name) => [name, read(`__OW_${name.toUpperCase()}`)]));
  return Object.fromEntries((names ?? Object.keys(env)).map((name) => [name, read(name)]));
}
