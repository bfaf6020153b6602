//! JSON's numbers as they are written: integers exactly, floats to the nearest.
//!
//! A parser that goes by way of a double rounds `9007199254740993.0`, which is an
//! integer of 64 bits: so numbers are read from their text.

/// The integer that a JSON number denotes: `42`, `42.0` and `4.2e1` are the same.
/// `None` if it is none, or far beyond 64 bits.
pub(super) fn integer(text: &str) -> Option<i128> {
    if let Ok(short) = text.parse::<i64>() {
        return Some(short.into());
    }
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (mut whole, fraction) = (whole, fraction.trim_end_matches('0'));
    let mut shift = -i64::try_from(fraction.len()).ok()?;
    if fraction.is_empty() {
        let digits = whole.len();
        whole = whole.trim_end_matches('0');
        shift = i64::try_from(digits - whole.len()).ok()?;
    }
    let mut value = 0_i128;
    for digit in whole.bytes().chain(fraction.bytes()) {
        value = value.checked_mul(10)?.checked_add((digit - b'0').into())?;
    }
    if value == 0 {
        return Some(0);
    }
    // No zero is left at the end of the digits: what an exponent takes away is not whole.
    let shift = u32::try_from(exponent.parse::<i64>().ok()?.checked_add(shift)?).ok()?;
    value.checked_mul(10_i128.checked_pow(shift)?).map(|value| sign * value)
}

/// The nearest double, if it is finite.
pub(super) fn f64(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The nearest single, if it is finite; rounded once, not by way of a double.
pub(super) fn f32(text: &str) -> Option<f32> {
    text.parse().ok().filter(|value: &f32| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_exact_however_it_is_written() {
        for (text, value) in [
            ("0", 0),
            ("-0", 0),
            ("-0.0", 0),
            ("0e99999999999999999999", 0),
            ("42.0", 42),
            ("4.2e1", 42),
            ("-420e-1", -42),
            ("0.00042E+5", 42),
            ("1e3", 1000),
            ("9007199254740993", 9_007_199_254_740_993),
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("9007199254740993000e-3", 9_007_199_254_740_993),
            ("-9223372036854775808", i64::MIN.into()),
            ("-9223372036854775808.000", i64::MIN.into()),
            ("18446744073709551615", u64::MAX.into()),
            ("1.8446744073709551615e19", u64::MAX.into()),
            ("18446744073709551616", i128::from(u64::MAX) + 1),
        ] {
            assert_eq!(integer(text), Some(value), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_integer_is_none() {
        for text in [
            "0.5",
            "1e-1",
            "42.0000000000000000000000000000001",
            "10e-2",
            "1e400",
            "-1e99999999999999999999",
            "1e-99999999999999999999",
            "1e9223372036854775807",
            &"9".repeat(100_000),
            &format!("0.{}1e5", "0".repeat(100_000)),
        ] {
            assert_eq!(integer(text), None, "{}", &text[..text.len().min(50)]);
        }
        assert_eq!(integer(&format!("1{}e-100000", "0".repeat(100_000))), Some(1));
        assert_eq!(integer(&format!("{}7.0", "0".repeat(100_000))), Some(7), "if a parser let it");
    }

    #[test]
    fn floats_are_the_nearest_and_finite() {
        assert_eq!(f64("0.1"), Some(0.1));
        assert_eq!(f64("1e308"), Some(1e308));
        assert_eq!((f64("1e309"), f64("-1e400")), (None, None));
        assert_eq!(f64("-0").map(f64::to_bits), Some((-0.0_f64).to_bits()));
        assert_eq!(f64("5e-324"), Some(f64::from_bits(1)));
        assert_eq!((f32("3.4028235e38"), f32("3.5e38")), (Some(f32::MAX), None));
        // By way of a double it would become 1.
        assert_eq!(f32("1.00000005960464477540"), Some(1.000_000_1));
    }
}
