//! Returns the environment variables that it sees.

use std::collections::BTreeMap;
use std::env;

use serde::Deserialize;
use wow_action::Result;

#[derive(Deserialize)]
struct Input {
    /// Only these.
    names: Option<Vec<String>>,
    /// Only what OpenWhisk says of the activation, without the `__OW_` and in lower case.
    #[serde(default)]
    context: bool,
}

/// `null` is a variable that is not there.
type Output = BTreeMap<String, Option<String>>;

const CONTEXT: [&str; 7] = [
    "api_host",
    "api_key",
    "namespace",
    "action_name",
    "action_version",
    "activation_id",
    "deadline",
];

#[wow_action::main]
fn main(input: Input) -> Result<Output> {
    if input.context {
        return Ok(CONTEXT.map(|name| (name.to_owned(), read_context(name))).into());
    }
    Ok(match input.names {
        Some(names) => names.into_iter().map(|name| (name.clone(), env::var(name).ok())).collect(),
        None => env::vars().map(|(name, value)| (name, Some(value))).collect(),
    })
}

fn read_context(name: &str) -> Option<String> {
    env::var(format!("__OW_{}", name.to_uppercase())).ok()
}
