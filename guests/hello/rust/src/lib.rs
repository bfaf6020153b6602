//! Greets by name.

use serde::{Deserialize, Serialize};
use wow_action::Result;

#[derive(Deserialize)]
struct Input {
    name: Option<String>,
}

#[derive(Serialize)]
struct Output {
    greeting: String,
}

#[wow_action::main]
fn main(input: Input) -> Result<Output> {
    let name = input.name.as_deref().unwrap_or("World");
    Ok(Output { greeting: format!("Hello, {name}!") })
}
