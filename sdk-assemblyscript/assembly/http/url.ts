// A URL's parts. Nothing is normalized, encoded or decoded but the query's parameters.
import { hexDigit } from "../json/reader";
import { Pairs } from "./pairs";
import { decode } from "../utf8";

/** An absolute URL with an authority. */
export class URL {
  /** In lower case, with its colon. */
  readonly protocol: string;
  /** With the port, if there is one. */
  readonly host: string;
  /** `/` at least (RFC 9112 §3.2.1). */
  readonly pathname: string;
  /** With its `?`, or empty. */
  readonly search: string;
  /** With its `#`, or empty. */
  readonly hash: string;

  /** Throws where `canParse` is false. */
  constructor(url: string) {
    if (!URL.canParse(url)) throw new Error("`" + url + "` is no URL with an authority");
    const start = url.indexOf("://") + 3;
    const fragment = firstOf(url, "#", start, url.length);
    const query = firstOf(url, "?", start, fragment);
    const path = firstOf(url, "/", start, query);
    this.protocol = url.substring(0, start - 2).toLowerCase();
    this.host = url.substring(start, path);
    this.pathname = path == query ? "/" : url.substring(path, query);
    this.search = url.substring(query, fragment);
    this.hash = url.substring(fragment);
  }

  /** Whether there is a scheme, `://` and an authority. */
  static canParse(url: string): bool {
    const start = url.indexOf("://") + 3;
    return start > 3 && start < url.length && !"/?#".includes(url.charAt(start));
  }

  get searchParams(): URLSearchParams {
    return new URLSearchParams(this.search);
  }
}

/** Where a character is before an end, or that end. */
function firstOf(text: string, character: string, start: i32, end: i32): i32 {
  const at = text.indexOf(character, start);
  return at < 0 || at > end ? end : at;
}

/** The parameters of a query or a form, decoded. */
export class URLSearchParams extends Pairs {
  constructor(query: string = "") {
    super();
    const pairs = (query.startsWith("?") ? query.substring(1) : query).split("&");
    for (let i = 0; i < pairs.length; i++) {
      if (!pairs[i].length) continue;
      const end = firstOf(pairs[i], "=", 0, pairs[i].length);
      this.add(formDecode(pairs[i].substring(0, end)), formDecode(pairs[i].substring(end + 1)));
    }
  }

  has(name: string): bool {
    return this.names.includes(name);
  }

  /** The first value of a name, or null. */
  get(name: string): string | null {
    const index = this.names.indexOf(name);
    return index < 0 ? null : this.values[index];
  }

  getAll(name: string): string[] {
    return this.valuesOf(name);
  }
}

/** `application/x-www-form-urlencoded`: what is no escape stays as it is. */
function formDecode(text: string): string {
  if (!text.includes("%") && !text.includes("+")) return text;
  const encoded = String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
  const start = changetype<usize>(encoded);
  const end = start + encoded.byteLength;
  let out = start;
  for (let at = start; at < end; at++, out++) {
    let byte = load<u8>(at);
    if (byte == 0x2b) byte = 0x20;
    else if (byte == 0x25 && at + 2 < end) {
      const high = hexDigit(load<u8>(at, 1));
      const low = hexDigit(load<u8>(at, 2));
      if (high < 16 && low < 16) {
        byte = <u8>((high << 4) | low);
        at += 2;
      }
    }
    store<u8>(out, byte);
  }
  return decode(start, out - start, false)!;
}
