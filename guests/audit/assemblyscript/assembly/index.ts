// A middleware around any JSON action: nobody runs it unnamed, and the log says who did, how much went in and out, and
// how long it took.
//
// What is inside stays text, so that nothing of it is rounded or changed.
import { JSON, Next, RawValue, Value, attempt } from "wow-action";

class Caller {
  user: string | null = null;
}

export function main(parameters: RawValue, next: Next): RawValue {
  const user = userOf(parameters);
  if (user === null) throw new Error("nobody is named: the parameter `user` must say who runs this");
  const start = performance.now();
  const outcome = next.attempt<RawValue, RawValue>(parameters);
  const time = i64(performance.now() - start);
  const sizeIn = String.UTF8.byteLength(parameters.text);
  const who = JSON.stringify(user);
  if (!outcome.ok) {
    console.error(`audit: ${who} got an error: ${sizeIn} bytes in, ${time} ms`);
    throw new Error(outcome.error!);
  }
  const sizeOut = String.UTF8.byteLength(outcome.value.text);
  console.error(`audit: ${who} ran it: ${sizeIn} bytes in, ${sizeOut} bytes out, ${time} ms`);
  const audit = Value.object().set("user", user).set("in", sizeIn).set("out", sizeOut);
  return withField(outcome.value, "audit", RawValue.from(audit));
}

function userOf(parameters: RawValue): string | null {
  const caller = attempt<RawValue, Caller>(parameters, (parameters: RawValue): Caller => parameters.as<Caller>());
  if (!caller.ok) return null;
  const user = caller.value.user;
  return user !== null && user.length ? user : null;
}

/** An object with a field more. An array has no fields, and stays what it is. */
function withField(outcome: RawValue, name: string, value: RawValue): RawValue {
  const members = attempt<RawValue, Map<string, RawValue>>(
    outcome,
    (outcome: RawValue): Map<string, RawValue> => outcome.as<Map<string, RawValue>>(),
  );
  return members.ok ? RawValue.from(members.value.set(name, value)) : outcome;
}
