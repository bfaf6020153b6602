// Fetches a text over HTTP.
import { fetch } from "wow-action";

class Input {
  url: string;
}

class Output {
  status: u16;
  body: string;
}

export function main(input: Input): Output {
  const response = fetch(input.url);
  return { status: <u16>response.status, body: response.text() };
}
