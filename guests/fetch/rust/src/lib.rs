//! Fetches a text over HTTP.

mod http;

use serde::{Deserialize, Serialize};
use wow_action::{Error, Result};

#[derive(Deserialize)]
struct Input {
    url: String,
}

#[derive(Serialize)]
struct Output {
    status: u16,
    body: String,
}

#[wow_action::main]
fn main(Input { url }: Input) -> Result<Output> {
    let (status, body) = http::get(&url)
        .map_err(|reason| Error::message(format!("cannot fetch `{url}`: {reason}")))?;
    Ok(Output { status, body: String::from_utf8(body)? })
}
