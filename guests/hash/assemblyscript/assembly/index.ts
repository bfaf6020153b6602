// Hashes a text with BLAKE3, then its hash, and so on: work for the processor and nothing else.
import { blake3 } from "./blake3";

class Input {
  input: string = "";
  iterations: u32;
}

class Output {
  hash: string;
}

export function main(input: Input): Output {
  if (!input.iterations) throw new Error("no iteration makes no hash");
  let hash = blake3(Uint8Array.wrap(String.UTF8.encode(input.input)));
  for (let i: u32 = 1; i < input.iterations; i++) hash = blake3(hash);
  let hex = "";
  for (let i = 0; i < hash.length; i++) hex += hash[i].toString(16).padStart(2, "0");
  return { hash: hex };
}
