// Greets by name.

export function main({ name = "World" }) {
  if (typeof name !== "string") throw new Error("the name is no string");
  return { greeting: `Hello, ${name}!` };
}
