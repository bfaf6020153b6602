// Returns random bytes of the platform.

const MAX_BYTES = 1024;

export function main({ bytes }) {
  if (bytes > MAX_BYTES) throw new Error(`${bytes} bytes are more than ${MAX_BYTES}`);
  return { hex: crypto.getRandomValues(new Uint8Array(bytes)).toHex() };
}
