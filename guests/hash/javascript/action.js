// Hashes a text with BLAKE3, then its hash, and so on: work for the processor and nothing else.
import { blake3 } from "./blake3.js";

export function main({ iterations, input = "" }) {
  if (!Number.isInteger(iterations) || iterations < 1) throw new Error("no iteration makes no hash");
  let hash = blake3(new TextEncoder().encode(input));
  for (let i = 1; i < iterations; i++) hash = blake3(hash);
  return { hash: hash.toHex() };
}
