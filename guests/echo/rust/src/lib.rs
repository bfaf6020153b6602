//! Returns its parameters, an object or an array, and writes to both streams.
//!
//! The two lines are what OpenWhisk's own test of an echo action looks for.

use wow_action::Result;
use wow_action::serde_json::Value;

#[wow_action::main]
fn main(parameters: Value) -> Result<Value> {
    println!("hello stdout");
    eprintln!("hello stderr");
    Ok(parameters)
}
