// Whole numbers without a limit, as far as the conversion of doubles needs them.

export class Big {
  /** Little-endian, 32 bits each. */
  private limbs: StaticArray<u32>;
  private length: i32 = 0;

  /** Room for so many bits. */
  constructor(bits: i32) {
    this.limbs = new StaticArray<u32>((bits >> 5) + 2);
  }

  set(value: u64): void {
    this.length = 0;
    for (; value; value >>= 32) this.push(<u32>value);
  }

  copy(other: Big): void {
    this.length = other.length;
    for (let i = 0; i < other.length; i++) this.limbs[i] = other.limbs[i];
  }

  /** `this = this * factor + more`. */
  multiply(factor: u32, more: u32): void {
    const limbs = this.limbs;
    let carry: u64 = more;
    for (let i = 0, length = this.length; i < length; i++) {
      carry += <u64>unchecked(limbs[i]) * factor;
      unchecked((limbs[i] = <u32>carry));
      carry >>= 32;
    }
    if (carry) this.push(<u32>carry);
  }

  /** Times a power of ten. */
  scale10(power: i32): void {
    for (; power >= 9; power -= 9) this.multiply(1_000_000_000, 0);
    for (; power > 0; power--) this.multiply(10, 0);
  }

  /** Times a power of two. */
  scale2(power: i32): void {
    if (!this.length) return;
    const bits = power & 31;
    if (bits) this.multiply((<u32>1) << bits, 0);
    const limbs = power >> 5;
    if (!limbs) return;
    for (let i = this.length - 1; i >= 0; i--) this.limbs[i + limbs] = this.limbs[i];
    for (let i = 0; i < limbs; i++) this.limbs[i] = 0;
    this.length += limbs;
  }

  /** Below, at or above zero as this is less than, equal to or more than the other. */
  compare(other: Big): i32 {
    if (this.length != other.length) return this.length - other.length;
    const own = this.limbs;
    const others = other.limbs;
    for (let i = this.length - 1; i >= 0; i--) {
      const limb = unchecked(own[i]);
      const otherLimb = unchecked(others[i]);
      if (limb != otherLimb) return limb < otherLimb ? -1 : 1;
    }
    return 0;
  }

  /** As `compare` of `this + more` with the other. */
  compareSum(more: Big, other: Big): i32 {
    const own = this.limbs;
    const added = more.limbs;
    const others = other.limbs;
    const length = max(max(this.length, more.length), other.length);
    let carry: u64 = 0;
    let order = 0;
    // From the lowest up: the last difference decides.
    for (let i = 0; i < length; i++) {
      if (i < this.length) carry += unchecked(own[i]);
      if (i < more.length) carry += unchecked(added[i]);
      const limb = i < other.length ? unchecked(others[i]) : 0;
      if (<u32>carry != limb) order = <u32>carry < limb ? -1 : 1;
      carry >>= 32;
    }
    return carry ? 1 : order;
  }

  /** `this = this - other`, which is not more. */
  subtract(other: Big): void {
    const limbs = this.limbs;
    const others = other.limbs;
    let borrow: i64 = 0;
    for (let i = 0; i < this.length; i++) {
      borrow += <i64>unchecked(limbs[i]) - (i < other.length ? <i64>unchecked(others[i]) : 0);
      unchecked((limbs[i] = <u32>borrow));
      borrow >>= 32;
    }
    while (this.length && !this.limbs[this.length - 1]) this.length--;
  }

  private push(limb: u32): void {
    this.limbs[this.length++] = limb;
  }
}
