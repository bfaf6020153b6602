// What an action imports from "wow-action".
export { Activation } from "./activation";
export { Outcome, attempt } from "./attempt";
export { errorValue } from "./failure";
export { JSON, Value } from "./json";
export { sleep } from "./platform";
