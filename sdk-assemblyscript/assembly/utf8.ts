// UTF-8 to strings by the WHATWG's Encoding Standard. The standard library's decoder makes other characters of what is none.

/** The text of bytes: U+FFFD stands for what is no character. Null if something is none and that is `fatal`. */
export function decode(start: usize, length: usize, fatal: bool): string | null {
  const end = start + length;
  const text = __new(length << 1, idof<String>()); // at most a unit for each byte
  let at = start;
  let out = text;
  while (at < end) {
    const lead = <u32>load<u8>(at++);
    if (lead < 0x80) {
      store<u16>(out, <u16>lead);
      out += 2;
      continue;
    }
    let more = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    let code = more ? lead & (0x3f >> more) : 0xfffd;
    // What the second byte may be: no character is longer than it needs to be, a surrogate, or beyond U+10FFFF.
    let least: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    let most: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    let isNone = !more;
    for (; more > 0; more--) {
      const next = at < end ? <u32>load<u8>(at) : 0;
      isNone = next < least || next > most;
      if (isNone) break;
      at++;
      code = (code << 6) | (next & 0x3f);
      least = 0x80;
      most = 0xbf;
    }
    if (isNone && fatal) return null;
    if (isNone) code = 0xfffd;
    if (code < 0x10000) {
      store<u16>(out, <u16>code);
      out += 2;
    } else {
      code -= 0x10000;
      store<u16>(out, <u16>(0xd800 | (code >> 10)));
      store<u16>(out, <u16>(0xdc00 | (code & 0x3ff)), 2);
      out += 4;
    }
  }
  return changetype<string>(__renew(text, out - text));
}

/** Text of bytes that may be none. */
export class TextDecoder {
  /** U+FFFD stands for what is no UTF-8. */
  decode(bytes: Uint8Array): string {
    return decode(bytes.dataStart, bytes.byteLength, false)!;
  }
}
