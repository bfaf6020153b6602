// Greets by name.

class Input {
  name: string = "World";
}

class Output {
  greeting: string;
}

export function main(input: Input): Output {
  return { greeting: `Hello, ${input.name}!` };
}
