// Puts a snowman between two delimiters: text that is not ASCII, in, out and in the log.
//
// It answers as OpenWhisk's own test of Unicode wants it.

class Input {
  delimiter: string;
}

class Output {
  winter: string;
}

export function main(input: Input): Output {
  const winter = `${input.delimiter} ☃ ${input.delimiter}`;
  console.log(winter);
  return { winter };
}
