class Input {
  name: string = "World";
}

class Output {
  greeting: string;
}

export function main(input: Input): Output {
  console.log(`greeting ${input.name}`);
  return { greeting: `Hello, ${input.name}!` };
}
