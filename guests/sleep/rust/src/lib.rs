//! Sleeps: an activation that waits and computes nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wow_action::Result;

#[derive(Deserialize)]
struct Input {
    milliseconds: u64,
}

#[derive(Serialize)]
struct Output {
    slept: u64,
}

#[wow_action::main]
fn main(Input { milliseconds }: Input) -> Result<Output> {
    std::thread::sleep(Duration::from_millis(milliseconds));
    Ok(Output { slept: milliseconds })
}
