// What an action imports from "wow-action".
export { Activation } from "./activation";
export { Outcome, attempt } from "./attempt";
export { errorValue } from "./failure";
export { RequestInit, Response, fetch } from "./fetch";
export { readDirectory, readFile, readTextFile, writeFile, writeTextFile } from "./files";
export { JSON, RawValue, Value } from "./json";
export { Next } from "./next";
export { sleep } from "./platform";
