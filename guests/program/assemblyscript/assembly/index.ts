// A program as for any other machine: reads JSON, prints JSON, exits.
import { JSON } from "wow-action";

class Input {
  name: string = "World";
  fail: string | null = null;
  panic: string | null = null;
  print: string | null = null;
  bytes: i32 = 0;
  exit: bool = false;
}

class Output {
  greeting: string;
  /** Whether the argument is what was on stdin. */
  same: bool;
}

export function run(): void {
  const text = process.stdin.text();
  const input = JSON.parse<Input>(text);
  const failure = input.fail;
  if (failure !== null) {
    console.log('["not the result"]');
    console.error("first\n" + failure);
    process.exitCode = 1;
    return;
  }
  const words = input.panic;
  if (words !== null) {
    console.error(words);
    unreachable();
  }
  const printed = input.print;
  if (printed !== null) {
    process.stdout.write(printed + "\n");
    return;
  }
  if (input.bytes) console.log("x".repeat(input.bytes));
  console.error("greeting");
  console.log("about to greet");
  const same = process.argv.length < 2 || process.argv[1] == text;
  const output: Output = { greeting: `Hello, ${input.name}!`, same };
  console.log(JSON.stringify(output));
  if (input.exit) process.exit(0);
}
