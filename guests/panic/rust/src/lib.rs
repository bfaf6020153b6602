//! Ends in every way in which an action can end without an answer.

use std::hint::black_box;

use serde::{Deserialize, Serialize};
use wow_action::Result;

/// What is given happens, the first of it only.
#[derive(Deserialize)]
struct Input {
    /// Panics with this message.
    message: Option<String>,
    /// Exits with this code.
    exit: Option<i32>,
    /// Recurses without an end.
    #[serde(default)]
    overflow_stack: bool,
    /// Allocates and touches so much memory.
    memory_mb: Option<usize>,
}

#[derive(Serialize)]
struct Output {
    survived: bool,
}

#[wow_action::main]
fn main(input: Input) -> Result<Output> {
    if let Some(message) = input.message {
        panic!("{message}");
    }
    if let Some(code) = input.exit {
        std::process::exit(code);
    }
    if input.overflow_stack {
        black_box(recurse(0));
    }
    if let Some(megabytes) = input.memory_mb {
        // One at a time: what is too much for an address is then too much for the limit, too.
        black_box((0..megabytes).map(|_| vec![1u8; 1 << 20]).collect::<Vec<_>>());
    }
    Ok(Output { survived: true })
}

#[expect(unconditional_recursion, reason = "the stack's end is what is looked for")]
fn recurse(depth: u64) -> u64 {
    // The addition after the call, on memory of its own, keeps this from becoming a loop.
    let frame = black_box([depth; 16]);
    recurse(depth + 1) + frame[15]
}
