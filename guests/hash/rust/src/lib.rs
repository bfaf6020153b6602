//! Hashes a text with BLAKE3, then its hash, and so on: work for the processor and nothing else.

mod chain;

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
    Ok(Output { hash: chain::hash(&input, iterations) })
}
