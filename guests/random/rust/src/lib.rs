//! Returns random bytes of the platform.

use serde::{Deserialize, Serialize};
use wow_action::{Error, Result};

const MAX_BYTES: usize = 1024;

#[derive(Deserialize)]
struct Input {
    bytes: usize,
}

#[derive(Serialize)]
struct Output {
    hex: String,
}

#[wow_action::main]
fn main(Input { bytes }: Input) -> Result<Output> {
    if bytes > MAX_BYTES {
        return Err(Error::message(format!("{bytes} bytes are more than {MAX_BYTES}")));
    }
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)?;
    Ok(Output { hex: random.iter().map(|byte| format!("{byte:02x}")).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        let draw = || main(Input { bytes: 16 }).unwrap().hex;
        assert_eq!(draw().len(), 32);
        assert_ne!(draw(), draw());
    }
}
