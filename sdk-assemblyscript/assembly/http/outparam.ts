// Where an HTTP action's response goes.
import { SCRATCH, wellFormed } from "../abi";
import { OutgoingBody } from "./body";
import { Response, ResponseInit } from "./response";
import * as http from "../wasi/http";

const FAILURE = "cannot respond: ";

/** Takes one response, once. */
export class ResponseOutparam {
  private isTaken: bool = false;

  /** Of a `response-outparam`. */
  constructor(private handle: i32) {}

  /** Whether it has taken one. */
  get isSet(): bool {
    return this.isTaken;
  }

  /** Sends a whole response. What comes after it is run, too. */
  set(response: Response): void {
    const body = this.start({ status: response.status, headers: response.headers });
    if (body.write(response.bytes())) body.close();
    else body.abort();
  }

  /** Sends status and headers. The body is written piece by piece, and has to be closed. */
  start(init: ResponseInit = new ResponseInit()): OutgoingBody {
    const response = http.newResponse(init.headers.toFields(FAILURE));
    if (http.setStatus(response, init.status)) throw new Error(FAILURE + init.status.toString() + " is no status");
    http.responseBody(response, SCRATCH);
    const body = load<i32>(SCRATCH, 4);
    http.setOutparam(this.take(), 0, response, 0, 0, 0, 0, 0, 0);
    return new OutgoingBody(body, FAILURE);
  }

  /** Gives an `internal-error` in the place of a response. */
  fail(message: string): void {
    const text = wellFormed(message);
    http.setOutparam(this.take(), 1, http.INTERNAL_ERROR, 1, changetype<usize>(text), text.length, 0, 0, 0);
  }

  private take(): i32 {
    if (this.isTaken) throw new Error(FAILURE + "there is a response already");
    this.isTaken = true;
    return this.handle;
  }
}
