export function main({ name = "World" }) {
  if (!name.length) throw new Error("nobody to greet");
  console.error(`greeting ${name}`);
  return { greeting: `Hello, ${name}!` };
}
