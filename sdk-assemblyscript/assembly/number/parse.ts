// The text of a JSON number to the nearest double, ties to even. `parseFloat` of the standard library is wrong for
// some numbers of 17 digits, so this one compares exactly where a double does not suffice.
import { Big } from "./big";
import { exponent } from "./whole";

/** Digits beyond decide only whether a number lies above what the others say: a tie has at most 767. */
const MAX_DIGITS: i32 = 800;
/** Whole numbers up to here are doubles. */
const MAX_EXACT: u64 = 1 << 53;

/** Powers of ten that are doubles. */
const POWERS: StaticArray<f64> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
];

/** Reads a number that is JSON. Infinity if it is beyond the largest double. */
export function parseFloat64(text: string): f64 {
  const isNegative = text.charCodeAt(0) == 0x2d;
  const number = magnitude(text, isNegative ? 1 : 0);
  return isNegative ? -number : number;
}

function magnitude(text: string, from: i32): f64 {
  // The first 19 digits, and what they are to be multiplied with.
  let head: u64 = 0;
  let digits = 0;
  let scale = 0;
  let isFraction = false;
  let at = from;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit == 0x2e) {
      isFraction = true;
      continue;
    }
    if ((unit | 32) == 0x65) break;
    if (isFraction) scale--;
    if (digits || unit != 48) {
      if (digits < 19) head = head * 10 + (unit - 48);
      else scale++;
      digits++;
    }
  }
  const end = at;
  if (at < text.length) scale += exponent(text, at + 1);
  if (!head) return 0;
  if (digits <= 19 && head <= MAX_EXACT) {
    // Both are exact, so the one rounding of the operation is the right one.
    if (scale >= 0 && scale <= 22) return <f64>head * POWERS[scale];
    if (scale < 0 && scale >= -22) return <f64>head / POWERS[-scale];
  }
  // Below half of the smallest double, above the largest.
  if (scale < -345) return 0;
  if (scale > 309) return Infinity;
  return correct(approximate(head, scale), text, from, end, digits, scale);
}

/** Off by a few units in the last place. */
function approximate(head: u64, scale: i32): f64 {
  let number = <f64>head;
  for (; scale > 22; scale -= 22) number *= 1e22;
  for (; scale < -22; scale += 22) number /= 1e22;
  number = scale < 0 ? number / POWERS[-scale] : number * POWERS[scale];
  return min<f64>(number, f64.MAX_VALUE);
}

/** Steps from double to double until the text lies nearest to it. */
function correct(start: f64, text: string, from: i32, end: i32, digits: i32, headScale: i32): f64 {
  const used = min(digits, MAX_DIGITS);
  // `headScale` counts from the 19th digit, if there are so many.
  const scale = headScale - (used - min(digits, 19));
  // 10 is less than 2^3.33; 1100 bits more are the doubles' own exponents.
  const room = (((used + abs(scale)) * 10) / 3) + 1200;
  const decimal = new Big(room);
  let taken = 0;
  for (let i = from; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit == 0x2e || (!taken && unit == 48)) continue;
    if (taken == used) {
      // Something above zero is left, or was counted as if it were.
      if (unit != 48) {
        decimal.multiply(10, 1);
        return step(start, decimal, scale - 1, room);
      }
      continue;
    }
    decimal.multiply(10, unit - 48);
    taken++;
  }
  return step(start, decimal, scale, room);
}

function step(start: f64, decimal: Big, scale: i32, room: i32): f64 {
  let bits = reinterpret<u64>(start);
  while (true) {
    const above = compareHalfway(decimal, scale, bits, room);
    if (above > 0 || (above == 0 && (bits & 1))) {
      bits++;
      if (bits == 0x7ff0_0000_0000_0000) break;
      continue;
    }
    if (!bits) break;
    const below = compareHalfway(decimal, scale, bits - 1, room);
    if (below > 0 || (below == 0 && !(bits & 1))) break;
    bits--;
  }
  return reinterpret<f64>(bits);
}

/** Compares `decimal * 10^scale` with the middle between a double and the next one. */
function compareHalfway(decimal: Big, scale: i32, bits: u64, room: i32): i32 {
  const biased = <i32>(bits >> 52);
  const fraction = bits & 0x000f_ffff_ffff_ffff;
  const mantissa = biased ? fraction | 0x0010_0000_0000_0000 : fraction;
  // The middle is (2m + 1) * 2^exponent.
  const exponent = (biased ? biased : 1) - 1076;
  const left = new Big(room);
  left.copy(decimal);
  const right = new Big(room);
  right.set(mantissa * 2 + 1);
  if (scale >= 0) left.scale10(scale);
  else right.scale10(-scale);
  if (exponent >= 0) right.scale2(exponent);
  else left.scale2(-exponent);
  return left.compare(right);
}
