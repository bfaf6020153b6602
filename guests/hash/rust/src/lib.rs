//! Hashes a text with BLAKE3, then its hash, and so on: work for the processor and nothing else.

use std::num::NonZero;

use serde::{Deserialize, Serialize};
use wow_action::Result;

#[derive(Deserialize)]
struct Input {
    #[serde(default)]
    input: String,
    iterations: NonZero<u32>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Output {
    hash: String,
}

#[wow_action::main]
fn main(Input { input, iterations }: Input) -> Result<Output> {
    let mut hash = blake3::hash(input.as_bytes());
    for _ in 1..iterations.get() {
        hash = blake3::hash(hash.as_bytes());
    }
    Ok(Output { hash: hash.to_string() })
}
