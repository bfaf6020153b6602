// What HTTP is made of, as far as it needs no host: URLs, queries, headers, and text of bytes.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { instantiate } from "./compile.mjs";

let wasm;
before(async () => {
  wasm = await instantiate(`
    import { Headers, Response, TextDecoder, URL, URLSearchParams } from "wow-action";
    import { decodeText } from "wow-action/bytes";
    import { decode } from "wow-action/utf8";
    export function parts(url: string): string[] {
      const made = new URL(url);
      return [made.protocol, made.host, made.pathname, made.search, made.hash];
    }
    export function canParse(url: string): bool { return URL.canParse(url); }
    export function query(text: string): string[][] {
      const query = new URLSearchParams(text);
      const names = query.keys();
      const all: string[][] = [];
      for (let i = 0; i < names.length; i++) all.push([names[i]].concat(query.getAll(names[i])));
      return all;
    }
    export function first(text: string, name: string): string | null {
      const query = new URLSearchParams(text);
      assert(query.has(name) == (query.get(name) !== null));
      return query.get(name);
    }
    export function headers(pairs: string[][], set: string, deleted: string): string[][] {
      const headers = new Headers(pairs);
      if (set.length) headers.set(set, "new");
      if (deleted.length) headers.delete(deleted);
      const all: string[][] = [];
      const names = headers.keys();
      for (let i = 0; i < names.length; i++) all.push([names[i], headers.get(names[i])!]);
      return all;
    }
    export function cookies(pairs: string[][]): string[] { return new Headers(pairs).getSetCookie(); }
    export function none(): string | null { return new Headers().get("a"); }
    export function lossy(bytes: Uint8Array): string { return new TextDecoder().decode(bytes); }
    export function strict(bytes: Uint8Array): string | null { return decode(bytes.dataStart, bytes.byteLength, true); }
    export function text(bytes: Uint8Array): string { return decodeText(bytes, "it"); }
    export function json(): string[] {
      const made = Response.json<i32[]>([1, 2], { status: 201 });
      const typed = Response.json<bool>(true, { headers: new Headers([["Content-Type", "application/problem+json"]]) });
      return [made.status.toString(), made.text(), made.headers.get("content-type")!, typed.headers.get("content-type")!];
    }
    export function roundTrip(): i32 { return Response.json<i32[]>([1, 2]).json<i32[]>()[1]; }
  `);
});

test("a URL has the parts that JavaScript's has, where nothing is to be normalized", () => {
  const urls = [
    "http://example.org", "https://example.org:8080/", "http://example.org/a/b?c=d&e#f", "http://example.org?x=/y#/z?",
    "http://example.org#?", "HTTPS://u.example/%20?", "https://localhost//evil?a?b#c#d", "http://[::1]:80/a:b",
  ];
  for (const url of urls) {
    const { protocol, pathname, search, hash } = new URL(url);
    const [host] = /(?<=:\/\/)[^/?#]+/.exec(url);
    const bare = (text, mark) => (text === mark ? "" : text); // an empty query is none for JavaScript
    const made = wasm.parts(url).map((text, index) => (index > 2 ? bare(text, "?#"[index - 3]) : text));
    assert.deepEqual(made, [protocol, host, pathname, search, hash], url);
  }
  for (const url of ["", "/a", "http:/a", "http://", "http:///a", "://a", "http://?", "http://#a"]) assert.equal(wasm.canParse(url), false, url);
  assert.throws(() => wasm.parts("a"), /`a` is no URL with an authority/);
});

test("a query's parameters are decoded as JavaScript decodes them", () => {
  const queries = [
    "", "?", "a=1&b=2&a=3", "?q=a+b%20c", "q=%E2%9d%84&%C3%A4=%", "a=%4&b=%zz&c=%c3", "=x&&y&z=", "a==b=", "?%3F=?", "a=❄",
  ];
  for (const query of queries) {
    const theirs = new URLSearchParams(query);
    const expected = [...new Set(theirs.keys())].map((name) => [name, ...theirs.getAll(name)]);
    assert.deepEqual(wasm.query(query), expected, query);
    for (const name of ["a", "q", "", "nothing"]) assert.equal(wasm.first(query, name), theirs.get(name), query);
  }
});

test("headers keep the values of a name apart, without regard to its case", () => {
  const pairs = [["Accept", "a"], ["Set-Cookie", "x=1, 2"], ["accept", "b"], ["set-cookie", "y=2"]];
  assert.deepEqual(wasm.headers(pairs, "", ""), [["accept", "a, b"], ["set-cookie", "x=1, 2, y=2"]]);
  assert.deepEqual(wasm.cookies(pairs), ["x=1, 2", "y=2"]);
  assert.deepEqual(wasm.headers(pairs, "ACCEPT", ""), [["set-cookie", "x=1, 2, y=2"], ["accept", "new"]]);
  assert.deepEqual(wasm.headers(pairs, "", "Set-cookie"), [["accept", "a, b"]]);
  assert.equal(wasm.none(), null);
});

test("bytes that are no UTF-8 become what they become in JavaScript, or are refused", () => {
  const parts = [
    [0x41], [0xc3, 0xa4], [0xe2, 0x9d, 0x84], [0xf0, 0x9f, 0xa6, 0x80], [0x80], [0xc3], [0xe2, 0x9d], [0xf0, 0x9f, 0xa6], [0xff],
    [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbf, 0xbd], [0xf8],
  ];
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (const a of parts) {
    for (const b of parts) {
      for (const c of parts) {
        const bytes = Uint8Array.from([...a, ...b, ...c]);
        assert.equal(wasm.lossy(bytes), new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), bytes.join());
        let text = null;
        try {
          text = strict.decode(bytes);
        } catch {}
        assert.equal(wasm.strict(bytes), text, bytes.join());
      }
    }
  }
  assert.equal(wasm.text(Uint8Array.of(0xef, 0xbf, 0xbd)), "\ufffd");
  assert.throws(() => wasm.text(Uint8Array.of(0x41, 0xc3)), /it is no text in UTF-8/);
});

test("a response of JSON says so, if nothing else does", () => {
  assert.deepEqual(wasm.json(), ["201", "[1,2]", "application/json", "application/problem+json"]);
  assert.equal(wasm.roundTrip(), 2);
});
