//! What only the whole can show: the built programs and the built guests, from
//! outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod assemblyscript;
mod cli;
mod compile;
mod compose;
mod confined;
mod conformance;
mod deploy;
mod documents;
mod egress;
mod executor;
mod files;
mod guests;
mod hostile;
mod invoker;
mod operator;
mod overload;
mod projects;
mod shutdown;
mod strings;
mod wit;

use base64_simd::STANDARD;
use serde_json::{Value, json};

/// A built guest as it is uploaded: base64 of the component.
fn code(guest: &str) -> String {
    STANDARD.encode_to_string(wow_tests::guests::read(guest))
}

fn error(text: &str) -> Value {
    json!({ "error": text })
}
