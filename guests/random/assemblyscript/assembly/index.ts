// Returns random bytes of the platform.

const MAX_BYTES: u32 = 1024;

class Input {
  bytes: u32;
}

class Output {
  hex: string;
}

export function main(input: Input): Output {
  if (input.bytes > MAX_BYTES) throw new Error(`${input.bytes} bytes are more than ${MAX_BYTES}`);
  const random = new Uint8Array(input.bytes);
  crypto.getRandomValues(random);
  let hex = "";
  for (let i = 0; i < random.length; i++) hex += random[i].toString(16).padStart(2, "0");
  return { hex };
}
