// UTF-8 that may be wrong, as Rust's `from_utf8_lossy` and the WHATWG's Encoding Standard read it. The standard library's
// decoder makes other characters of wrong bytes.

/** The text; U+FFFD stands for each start of a character that is none, and each byte that is none. */
export function decodeLossy(bytes: Uint8Array): string {
  const units: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const lead: i32 = bytes[at++];
    if (lead < 0x80) {
      units.push(String.fromCharCode(lead));
      continue;
    }
    let more = lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
    let code = more ? lead & (0x3f >> more) : 0xfffd;
    // What the second byte may be: no character is longer than it needs to be, a surrogate, or beyond U+10FFFF.
    let least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    let most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    for (; more > 0; more--) {
      const next: i32 = at < bytes.length ? bytes[at] : 0;
      if (next < least || next > most) {
        code = 0xfffd;
        break;
      }
      at++;
      code = (code << 6) | (next & 0x3f);
      least = 0x80;
      most = 0xbf;
    }
    units.push(String.fromCodePoint(code));
  }
  return units.join("");
}
