// Answers HTTP requests: says what it got, and by its path does what a server does now and then, or should not.
import { Headers, Request, Response, ResponseOutparam, TextDecoder, URL, Value } from "wow-action";
import { endless, short, trailers } from "./bodies";

const PICTURE: u8[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a];

export function handle(request: Request, out: ResponseOutparam): void {
  const url = new URL(request.url);
  const path = url.pathname;
  if (path == "/picture") return out.set(picture());
  if (path == "/cookies") return out.set(cookies());
  if (path == "/missing") return out.set(missing());
  if (path == "/work") {
    out.set(new Response("accepted", { status: 202 }));
    return console.log("worked on after the response");
  }
  if (path == "/trailers") return trailers(out.start());
  if (path == "/never") return;
  if (path == "/error") return out.fail("no");
  if (path == "/panic") {
    out.set(new Response("fine"));
    console.error("after the response");
    unreachable();
  }
  if (path == "/endless") return endless(out.start());
  if (path == "/dropped") return out.start().abort();
  if (path == "/forgotten") {
    out.start();
    return;
  }
  if (path == "/short") return short(out.start({ headers: new Headers([["content-length", "10"]]) }));
  out.set(Response.json(echo(request, url)));
}

function picture(): Response {
  const bytes = new Uint8Array(PICTURE.length);
  bytes.set(PICTURE);
  return Response.fromBytes(bytes, { headers: new Headers([["content-type", "image/png"]]) });
}

function cookies(): Response {
  return new Response("", { status: 204, headers: new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"]]) });
}

function missing(): Response {
  return new Response("not here", { status: 404, headers: new Headers([["content-type", "text/plain"]]) });
}

/** What came, but for the names that every client sends otherwise. The names are in the order of the alphabet. */
function echo(request: Request, url: URL): Value {
  const headers = Value.object();
  const names = request.headers.keys().sort();
  for (let i = 0; i < names.length; i++) headers.set(names[i], request.headers.get(names[i])!);
  const body = request.bytes();
  return Value.object()
    .set("authority", url.host)
    .set("body", new TextDecoder().decode(body))
    .set("headers", headers)
    .set("length", body.length)
    .set("method", request.method)
    .set("target", url.pathname + url.search);
}
