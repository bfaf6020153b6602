export function main({ name = "World" }) {
  console.log(`greeting ${name}`);
  return { greeting: `Hello, ${name}!` };
}
