class Input {
  name: string = "World";
}

class Output {
  greeting: string;
}

export function main(input: Input): Output {
  if (!input.name.length) throw new Error("nobody to greet");
  console.error(`greeting ${input.name}`);
  return { greeting: `Hello, ${input.name}!` };
}
