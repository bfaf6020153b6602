// One activation of an HTTP action.
import { ResponseOutparam } from "./outparam";
import { Request } from "./request";
import { guarded, lastMessage } from "../thrown";
import { trapThrown } from "../trapped";

let request: Request = new Request(0);
let outparam: ResponseOutparam = new ResponseOutparam(0);

/** Runs `body`, the generated call of the action's `handle`. What it throws takes the place of a response. */
export function serve(incoming: i32, out: i32, body: () => void): void {
  request = new Request(incoming);
  outparam = new ResponseOutparam(out);
  if (guarded(body)) return;
  if (outparam.isSet) trapThrown();
  outparam.fail(lastMessage());
}

export function takeRequest(): Request {
  return request;
}

export function takeOutparam(): ResponseOutparam {
  return outparam;
}
