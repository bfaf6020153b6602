// Puts a snowman between two delimiters: text that is not ASCII, in, out and in the log.
//
// It answers as OpenWhisk's own test of Unicode wants it.

export function main({ delimiter }) {
  if (typeof delimiter !== "string") throw new Error("there is no delimiter");
  const winter = `${delimiter} ☃ ${delimiter}`;
  console.log(winter);
  return { winter };
}
