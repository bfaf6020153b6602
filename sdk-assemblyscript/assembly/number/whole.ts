// The text of a JSON number to a whole number, exactly: `1.5e3` is one, `1.5` is none.

export class Whole {
  magnitude: u64 = 0;
  isNegative: bool = false;
}

/** Reads a number that is JSON into `whole`; false if it is not whole or beyond 64 bits. */
export function parseWhole(text: string, whole: Whole): bool {
  const length = text.length;
  let at = 0;
  whole.magnitude = 0;
  whole.isNegative = text.charCodeAt(0) == 0x2d;
  if (whole.isNegative) at++;
  // Zeros wait until a digit follows: `10.00` is whole, and so is `100e-2`.
  let zeros = 0;
  let scale = 0;
  let isFraction = false;
  for (; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit == 0x2e) {
      isFraction = true;
      continue;
    }
    if ((unit | 32) == 0x65) break;
    if (isFraction) scale--;
    if (unit == 48) {
      if (whole.magnitude) zeros++;
      continue;
    }
    if (!shift(whole, zeros + 1) || whole.magnitude > u64.MAX_VALUE - (unit - 48)) return false;
    whole.magnitude += unit - 48;
    zeros = 0;
  }
  if (!whole.magnitude) return true;
  if (at < length) scale += exponent(text, at + 1);
  scale += zeros;
  return scale >= 0 && shift(whole, scale);
}

/** The exponent of a number, cut where it makes no difference any more. */
export function exponent(text: string, at: i32): i32 {
  const sign = text.charCodeAt(at);
  if (sign == 0x2b || sign == 0x2d) at++;
  let exponent = 0;
  for (; at < text.length; at++) {
    if (exponent < 100_000_000) exponent = exponent * 10 + (text.charCodeAt(at) - 48);
  }
  return sign == 0x2d ? -exponent : exponent;
}

/** Times a power of ten; false beyond 64 bits. */
function shift(whole: Whole, places: i32): bool {
  let magnitude = whole.magnitude;
  if (magnitude) {
    for (; places > 0; places--) {
      if (magnitude > u64.MAX_VALUE / 10) return false;
      magnitude *= 10;
    }
  }
  whole.magnitude = magnitude;
  return true;
}
