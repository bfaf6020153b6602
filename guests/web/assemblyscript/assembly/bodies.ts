// Bodies that are written piece by piece, and ways not to finish one.
import { Headers, OutgoingBody, attempt } from "wow-action";

/** A body with a trailer after it. */
export function trailers(body: OutgoingBody): void {
  body.writeText("body");
  body.close(new Headers([["x-sum", "1"]]));
}

/** A body that goes on for as long as it is taken. */
export function endless(body: OutgoingBody): void {
  const piece = new Uint8Array(4096).fill(0x78);
  while (body.write(piece)) {}
}

/** A body of less than the ten bytes that were announced. */
export function short(body: OutgoingBody): void {
  body.writeText("short");
  const closed = attempt<OutgoingBody, bool>(body, (body: OutgoingBody): bool => {
    body.close();
    return true;
  });
  assert(!closed.ok, "it is too short");
}
