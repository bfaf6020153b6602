// JSON text to tokens, strictly. Knows where it is: an error begins with a JSON pointer (RFC 6901). Knows no types.

/** Deeper than what people write, and far from the end of the stack. */
const MAX_DEPTH: i32 = 128;
/** Of a string that is told in an error. */
const MAX_TOLD: i32 = 40;

const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;

export const enum Kind {
  Null,
  Bool,
  Number,
  String,
  Array,
  Object,
}

/** Reads a text from its beginning to its end. `prefix` goes before every error's message. */
export class Reader {
  private start: usize;
  private at: usize;
  private end: usize;
  private depth: i32 = 0;
  /** For each open array or object, where its current element or key begins. */
  private places: StaticArray<u32> = new StaticArray<u32>(MAX_DEPTH + 1);
  /** For each, the index of the element, or -1 in an object. */
  private indexes: StaticArray<i32> = new StaticArray<i32>(MAX_DEPTH + 1);
  private keyStart: usize = 0;
  private keyEnd: usize = 0;
  /** The key without its escapes, if it has some. */
  private unescaped: string | null = null;

  constructor(private text: string, private prefix: string = "") {
    this.start = changetype<usize>(text);
    this.at = this.start;
    this.end = this.start + (<usize>text.length << 1);
    this.space();
  }

  /** What comes next, by its first character. */
  kind(): Kind {
    switch (this.peek()) {
      case 0x22: return Kind.String;
      case 0x7b: return Kind.Object;
      case 0x5b: return Kind.Array;
      case 0x74: case 0x66: return Kind.Bool;
      case 0x6e: return Kind.Null;
    }
    if (this.peek() != 0x2d && this.peek() - 48 > 9) this.unexpected();
    return Kind.Number;
  }

  /** Reads a null if one comes next. */
  null(): bool {
    if (this.peek() != 0x6e) return false;
    this.word("null");
    return true;
  }

  bool(): bool {
    const isTrue = this.peek() == 0x74;
    if (!isTrue && this.peek() != 0x66) this.mismatch("true or false");
    this.word(isTrue ? "true" : "false");
    return isTrue;
  }

  /** Reads a number, and gives it as it is written. `expected` is for the error. */
  number(expected: string): string {
    const first = this.peek();
    if (first != 0x2d && first - 48 > 9) this.mismatch(expected);
    const from = this.at;
    if (first == 0x2d) this.at += 2;
    if (this.peek() == 48) this.at += 2;
    else this.digits();
    if (this.peek() == 0x2e) {
      this.at += 2;
      this.digits();
    }
    if ((this.peek() | 32) == 0x65) {
      this.at += 2;
      if (this.peek() == 0x2b || this.peek() == 0x2d) this.at += 2;
      this.digits();
    }
    const number = this.slice(from, this.at);
    this.space();
    return number;
  }

  string(): string {
    if (this.peek() != QUOTE) this.mismatch("a string");
    const from = this.at + 2;
    const escaped = this.pastString();
    const text = escaped ? unescape(from, this.at - 2) : this.slice(from, this.at - 2);
    this.space();
    return text;
  }

  enterObject(): void {
    if (this.peek() != 0x7b) this.mismatch("an object");
    this.enter(-1);
  }

  /** Steps to the next member of an object, whose value comes next. False at its end, which it leaves. */
  nextKey(): bool {
    if (!this.more(0x7d)) return false;
    if (this.peek() != QUOTE) this.unexpected();
    unchecked((this.places[this.depth] = <u32>(this.at - this.start)));
    this.keyStart = this.at + 2;
    const escaped = this.pastString();
    this.keyEnd = this.at - 2;
    this.unescaped = escaped ? unescape(this.keyStart, this.keyEnd) : null;
    this.space();
    if (this.peek() != 0x3a) this.unexpected();
    this.at += 2;
    this.space();
    return true;
  }

  /** Whether the current key is this one. */
  keyIs(name: string): bool {
    const unescaped = this.unescaped;
    if (unescaped !== null) return unescaped == name;
    const size = this.keyEnd - this.keyStart;
    if (size != <usize>name.length << 1) return false;
    return memory.compare(this.keyStart, changetype<usize>(name), size) == 0;
  }

  /** The current key. */
  key(): string {
    const unescaped = this.unescaped;
    return unescaped !== null ? unescaped : this.slice(this.keyStart, this.keyEnd);
  }

  enterArray(): void {
    if (this.peek() != 0x5b) this.mismatch("an array");
    this.enter(0);
  }

  /** Steps to the next element of an array. False at its end, which it leaves. */
  nextElement(): bool {
    return this.more(0x5d);
  }

  /** Reads a value that nobody wants. It must be JSON nevertheless. */
  skip(): void {
    switch (this.kind()) {
      case Kind.Null: this.null(); return;
      case Kind.Bool: this.bool(); return;
      case Kind.Number: this.number(""); return;
      case Kind.String: this.pastString(); this.space(); return;
      case Kind.Array:
        this.enterArray();
        while (this.nextElement()) this.skip();
        return;
      case Kind.Object:
        this.enterObject();
        while (this.nextKey()) this.skip();
    }
  }

  /** Reads a value as it is written. */
  raw(): string {
    const from = this.at;
    this.skip();
    let to = this.at;
    // No value ends in space.
    while (load<u16>(to - 2) <= 32) to -= 2;
    return this.slice(from, to);
  }

  /** The end of the text is here. */
  finish(): void {
    if (this.at < this.end) this.unexpected();
  }

  /** Another kind of value was expected here. */
  mismatch(expected: string): void {
    this.refuse("expected " + expected + ", got " + this.describe());
  }

  /** The member that was entered last is not acceptable. */
  refuse(reason: string): void {
    const place = this.place();
    throw new Error(this.prefix + (place.length ? place + ": " : "") + reason);
  }

  /** The current object, already left, has no member of this name. */
  missing(name: string): void {
    const place = this.place() + "/" + pointerPart(name);
    throw new Error(this.prefix + place + ": missing");
  }

  private enter(index: i32): void {
    if (this.depth == MAX_DEPTH) this.refuse("nested deeper than " + MAX_DEPTH.toString() + " levels");
    this.depth++;
    // No place yet: the first element is none until there is one.
    unchecked((this.indexes[this.depth] = index));
    unchecked((this.places[this.depth] = u32.MAX_VALUE));
    this.at += 2;
    this.space();
  }

  /** Whether another element or member comes before the closing bracket. Leaves it if none does. */
  private more(bracket: u32): bool {
    const isFirst = unchecked(this.places[this.depth]) == u32.MAX_VALUE;
    if (this.peek() == bracket) {
      this.at += 2;
      this.depth--;
      this.space();
      return false;
    }
    if (isFirst) {
      unchecked((this.places[this.depth] = 0));
      return true;
    }
    if (this.peek() != 0x2c) this.unexpected();
    this.at += 2;
    this.space();
    if (this.peek() == bracket) this.unexpected();
    if (unchecked(this.indexes[this.depth]) >= 0) unchecked(this.indexes[this.depth]++);
    return true;
  }

  /** Goes past a string. True if something in it is escaped. */
  private pastString(): bool {
    let escaped = false;
    this.at += 2;
    while (true) {
      const unit = this.peek();
      if (unit == QUOTE) break;
      if (unit < 32) this.unexpected();
      this.at += 2;
      if (unit != BACKSLASH) continue;
      escaped = true;
      this.pastEscape();
    }
    this.at += 2;
    return escaped;
  }

  private pastEscape(): void {
    switch (this.peek()) {
      case 0x22: case 0x5c: case 0x2f: case 0x62: case 0x66: case 0x6e: case 0x72: case 0x74:
        this.at += 2;
        return;
      case 0x75:
        this.at += 2;
        for (let i = 0; i < 4; i++) {
          if (hexDigit(this.peek()) > 15) this.unexpected();
          this.at += 2;
        }
        return;
    }
    this.unexpected();
  }

  private word(word: string): void {
    for (let i = 0; i < word.length; i++) {
      if (this.peek() != <u32>word.charCodeAt(i)) this.unexpected();
      this.at += 2;
    }
    this.space();
  }

  private digits(): void {
    if (this.peek() - 48 > 9) this.unexpected();
    while (this.peek() - 48 < 10) this.at += 2;
  }

  private space(): void {
    while (this.at < this.end) {
      const unit = <u32>load<u16>(this.at);
      if (unit > 32 || (unit != 32 && unit != 10 && unit != 13 && unit != 9)) break;
      this.at += 2;
    }
  }

  /** The next code unit, 0 at the end; a NUL in the text is nowhere acceptable either. */
  private peek(): u32 {
    return this.at < this.end ? <u32>load<u16>(this.at) : 0;
  }

  private slice(from: usize, to: usize): string {
    return this.text.substring(<i32>((from - this.start) >> 1), <i32>((to - this.start) >> 1));
  }

  private unexpected(): void {
    if (this.at >= this.end) throw new Error(this.prefix + "no JSON: the text ends too early");
    const offset = <i32>((this.at - this.start) >> 1);
    const unit = this.peek();
    const what = unit < 32 ? "a control character" : "`" + String.fromCodePoint(this.text.codePointAt(offset)) + "`";
    throw new Error(this.prefix + "no JSON: unexpected " + what + " at offset " + offset.toString());
  }

  /** The value that comes next, in words. */
  private describe(): string {
    const from = this.at;
    switch (this.kind()) {
      case Kind.Null: this.null(); return "null";
      case Kind.Bool: return this.bool() ? "true" : "false";
      case Kind.Number: return "the number " + this.number("");
      case Kind.Array: return "an array";
      case Kind.Object: return "an object";
    }
    this.pastString();
    const told = this.slice(from, this.at);
    return "the string " + (told.length > MAX_TOLD ? told.substring(0, MAX_TOLD) + "…\"" : told);
  }

  private place(): string {
    let place = "";
    for (let level = 1; level <= this.depth; level++) {
      const index = unchecked(this.indexes[level]);
      if (index >= 0) place += "/" + index.toString();
      else {
        const from = this.start + unchecked(this.places[level]) + 2;
        place += "/" + pointerPart(unescape(from, stringEnd(from)));
      }
    }
    return place;
  }
}

/** What a hexadecimal digit is, 16 for what is none. */
export function hexDigit(unit: u32): u32 {
  if (unit - 48 < 10) return unit - 48;
  const letter = (unit | 32) - 97;
  return letter < 6 ? letter + 10 : 16;
}

/** The end of a string that was read before. */
function stringEnd(from: usize): usize {
  let at = from;
  while (load<u16>(at) != QUOTE) at += load<u16>(at) == BACKSLASH ? 4 : 2;
  return at;
}

/** The text between two places of a string that was read before. */
function unescape(from: usize, to: usize): string {
  const text = __new(to - from, idof<String>());
  let at = from;
  let out = text;
  while (at < to) {
    let unit = <u32>load<u16>(at);
    at += 2;
    if (unit == BACKSLASH) {
      unit = <u32>load<u16>(at);
      at += 2;
      switch (unit) {
        case 0x62: unit = 8; break;
        case 0x66: unit = 12; break;
        case 0x6e: unit = 10; break;
        case 0x72: unit = 13; break;
        case 0x74: unit = 9; break;
        case 0x75:
          unit = 0;
          for (let i = 0; i < 4; i++, at += 2) unit = (unit << 4) | hexDigit(load<u16>(at));
      }
    }
    store<u16>(out, <u16>unit);
    out += 2;
  }
  return changetype<string>(__renew(text, out - text));
}

/** RFC 6901. */
function pointerPart(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
