// A double to the shortest text that is read back as the same double, and of these the nearest: what ECMAScript's
// `Number::toString` prints. The standard library's is not always the shortest.
import { Big } from "./big";

/** Doubles whose digits are a whole number below this are decimals of their own: 15 digits always are. */
const MAX_DECIMAL: f64 = 1e15;

const POWERS: StaticArray<f64> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
];

/** Prints a finite number. Negative zero is 0, as in ECMAScript. */
export function printFloat64(number: f64): string {
  if (number == 0) return "0";
  const sign = number < 0 ? "-" : "";
  const size = abs(number);
  // Numbers of everyday life: few digits, few of them after the point.
  for (let places = 0; places <= 22; places++) {
    const scaled = size * POWERS[places];
    if (scaled >= MAX_DECIMAL) break;
    const digits = Math.round(scaled);
    if (digits > 0 && digits / POWERS[places] == size) return sign + layOut((<u64>digits).toString(), places);
  }
  return sign + shortest(size);
}

/** The digits of a number that has `places` of them after its point, laid out as ECMAScript does. */
function layOut(digits: string, places: i32): string {
  let length = digits.length;
  while (length > 1 && digits.charCodeAt(length - 1) == 48) length--;
  places -= digits.length - length;
  digits = digits.substring(0, length);
  // Where the point is, counted from the first digit.
  const point = length - places;
  if (point > 21 || point < -5) {
    const exponent = point - 1;
    const rest = length > 1 ? "." + digits.substring(1) : "";
    return digits.charAt(0) + rest + "e" + (exponent < 0 ? "-" : "+") + abs(exponent).toString();
  }
  if (point <= 0) return "0." + "0".repeat(-point) + digits;
  if (places <= 0) return digits + "0".repeat(-places);
  return digits.substring(0, point) + "." + digits.substring(point);
}

/**
 * The free-format algorithm of Steele and White, with the fixed-up scale of Dybvig and Burger
 * ("Printing Floating-Point Numbers Quickly and Accurately", 1996).
 */
function shortest(size: f64): string {
  const bits = reinterpret<u64>(size);
  const biased = <i32>(bits >> 52);
  const fraction = bits & 0x000f_ffff_ffff_ffff;
  const mantissa = biased ? fraction | 0x0010_0000_0000_0000 : fraction;
  const exponent = (biased ? biased : 1) - 1075;
  // Below a power of two the next double is half as far.
  const isPower = !fraction && biased > 1;
  const wide: i32 = isPower ? 2 : 1;
  // The size is r/s, half of the gap above is above/s, of that below is below/s.
  const r = new Big(2300);
  const s = new Big(2300);
  const above = new Big(2300);
  const below = new Big(2300);
  r.set(mantissa);
  s.set(1);
  above.set(1);
  below.set(1);
  r.scale2(wide + max(exponent, 0));
  s.scale2(wide + max(-exponent, 0));
  above.scale2(wide - 1 + max(exponent, 0));
  below.scale2(max(exponent, 0));
  // From the position of the highest bit, times log10(2): at most one too low.
  const highest = exponent + 63 - <i32>clz<u64>(mantissa);
  let point = <i32>Math.ceil(<f64>highest * 0.30102999566398114 - 1e-10);
  if (point >= 0) s.scale10(point);
  else {
    r.scale10(-point);
    above.scale10(-point);
    below.scale10(-point);
  }
  const isEven = !(mantissa & 1);
  if (reaches(r, above, s, isEven)) point++;
  else {
    r.multiply(10, 0);
    above.multiply(10, 0);
    below.multiply(10, 0);
  }
  let digits = "";
  while (true) {
    let digit = 48;
    while (r.compare(s) >= 0) {
      r.subtract(s);
      digit++;
    }
    const order = r.compare(below);
    const low = order < 0 || (isEven && order == 0);
    const high = reaches(r, above, s, isEven);
    if (low || high) {
      // Both would do: the nearer one, and of two that are equally near the even one.
      const half = r.compareSum(r, s);
      if (high && (!low || half > 0 || (half == 0 && digit & 1))) digit++;
      digits += String.fromCharCode(digit);
      return layOut(digits, digits.length - point);
    }
    digits += String.fromCharCode(digit);
    r.multiply(10, 0);
    above.multiply(10, 0);
    below.multiply(10, 0);
  }
}

function reaches(r: Big, above: Big, s: Big, isEven: bool): bool {
  const order = r.compareSum(above, s);
  return order > 0 || (isEven && order == 0);
}
