// Tokens to JSON text. The text grows in a string, so that the whole of it is never copied.

const HEX = "0123456789abcdef";

export class Writer {
  private buffer: string = changetype<string>(__new(512, idof<String>()));
  /** Of the buffer, in code units. */
  private capacity: i32 = 256;
  private length: i32 = 0;

  /** What is JSON already. */
  raw(text: string): void {
    this.room(text.length);
    memory.copy(this.here(), changetype<usize>(text), <usize>text.length << 1);
    this.length += text.length;
  }

  unit(unit: u32): void {
    this.room(1);
    this.put(unit);
  }

  string(text: string): void {
    // The worst case of six units for one would waste memory: what is escaped asks again.
    this.room(text.length + 2);
    this.put(0x22);
    for (let i = 0, length = text.length; i < length; i++) {
      const unit = <u32>load<u16>(changetype<usize>(text) + (<usize>i << 1));
      if (unit == 0x22 || unit == 0x5c || unit < 32) this.escape(unit, length - i + 1);
      else this.put(unit);
    }
    this.put(0x22);
  }

  /** A member's name. */
  key(name: string, isFirst: bool): void {
    if (!isFirst) this.unit(0x2c);
    this.string(name);
    this.unit(0x3a);
  }

  /** The text; the writer is not used any more. */
  finish(): string {
    return changetype<string>(__renew(changetype<usize>(this.buffer), <usize>this.length << 1));
  }

  /** `rest` is how many units the string may still need. */
  private escape(unit: u32, rest: i32): void {
    this.room(rest + 5);
    this.put(0x5c);
    switch (unit) {
      case 0x22: case 0x5c: this.put(unit); return;
      case 8: this.put(0x62); return;
      case 9: this.put(0x74); return;
      case 10: this.put(0x6e); return;
      case 12: this.put(0x66); return;
      case 13: this.put(0x72); return;
    }
    this.put(0x75);
    this.put(48);
    this.put(48);
    this.put(48 + (unit >> 4));
    this.put(HEX.charCodeAt(unit & 15));
  }

  private here(): usize {
    return changetype<usize>(this.buffer) + (<usize>this.length << 1);
  }

  private put(unit: u32): void {
    store<u16>(this.here(), <u16>unit);
    this.length++;
  }

  private room(more: i32): void {
    const needed = this.length + more;
    if (needed <= this.capacity) return;
    this.capacity = max(this.capacity << 1, needed);
    this.buffer = changetype<string>(__renew(changetype<usize>(this.buffer), <usize>this.capacity << 1));
  }
}
