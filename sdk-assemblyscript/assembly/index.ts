// What an action imports from "wow-action".
export { Activation } from "./activation";
export { Outcome, attempt } from "./attempt";
export { errorValue } from "./failure";
export { RequestInit, fetch } from "./fetch";
export { readDirectory, readFile, readTextFile, writeFile, writeTextFile } from "./files";
export { OutgoingBody } from "./http/body";
export { Headers } from "./http/headers";
export { ResponseOutparam } from "./http/outparam";
export { Request } from "./http/request";
export { Response, ResponseInit } from "./http/response";
export { URL, URLSearchParams } from "./http/url";
export { JSON, RawValue, Value } from "./json";
export { Next } from "./next";
export { sleep } from "./platform";
export { TextDecoder } from "./utf8";
