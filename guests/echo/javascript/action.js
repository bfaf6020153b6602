// Returns its parameters, an object or an array, and writes to both streams.
//
// The two lines are what OpenWhisk's own test of an echo action looks for.

export function main(parameters) {
  console.log("hello stdout");
  console.error("hello stderr");
  return parameters;
}
