//! Puts a snowman between two delimiters: text that is not ASCII, in, out and in the log.
//!
//! It answers as OpenWhisk's own test of Unicode wants it.

use serde::{Deserialize, Serialize};
use wow_action::Result;

#[derive(Deserialize)]
struct Input {
    delimiter: String,
}

#[derive(Serialize)]
struct Output {
    winter: String,
}

#[wow_action::main]
fn main(Input { delimiter }: Input) -> Result<Output> {
    let winter = format!("{delimiter} ☃ {delimiter}");
    println!("{winter}");
    Ok(Output { winter })
}
