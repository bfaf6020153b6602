//! Adds two numbers.

use serde::{Deserialize, Serialize};
use wow_action::{Error, Result};

#[derive(Deserialize)]
struct Input {
    a: i64,
    b: i64,
}

#[derive(Debug, PartialEq, Serialize)]
struct Output {
    sum: i64,
}

#[wow_action::main]
fn main(Input { a, b }: Input) -> Result<Output> {
    let sum = a
        .checked_add(b)
        .ok_or_else(|| Error::message(format!("the sum of {a} and {b} does not fit in 64 bits")))?;
    Ok(Output { sum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_does_not_fit_is_an_error() {
        assert_eq!(main(Input { a: 2, b: 40 }).unwrap(), Output { sum: 42 });
        let error = main(Input { a: i64::MIN, b: -1 }).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the sum of -9223372036854775808 and -1 does not fit in 64 bits"
        );
    }
}
