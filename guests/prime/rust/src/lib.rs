//! Counts the primes up to a limit with the sieve of Eratosthenes: work for processor and memory.

mod sieve;

use serde::{Deserialize, Serialize};
use wow_action::{Error, Result};

/// One byte of memory a number.
const MAX_LIMIT: u32 = 100_000_000;

#[derive(Deserialize)]
struct Input {
    limit: u32,
}

#[derive(Debug, PartialEq, Serialize)]
struct Output {
    count: usize,
    largest: Option<usize>,
}

#[wow_action::main]
fn main(Input { limit }: Input) -> Result<Output> {
    if limit > MAX_LIMIT {
        return Err(Error::message(format!("the limit {limit} is more than {MAX_LIMIT}")));
    }
    let sieve::Primes { count, largest } = sieve::primes(limit as usize);
    Ok(Output { count, largest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primes_up_to_a_hundred_are_25() {
        assert_eq!(main(Input { limit: 100 }).unwrap(), Output { count: 25, largest: Some(97) });
    }

    #[test]
    fn below_two_there_is_no_prime() {
        for limit in [0, 1] {
            assert_eq!(main(Input { limit }).unwrap(), Output { count: 0, largest: None });
        }
    }

    #[test]
    fn the_limit_itself_may_be_the_largest() {
        assert_eq!(main(Input { limit: 2 }).unwrap(), Output { count: 1, largest: Some(2) });
        assert_eq!(main(Input { limit: 9 }).unwrap(), Output { count: 4, largest: Some(7) });
    }
}
