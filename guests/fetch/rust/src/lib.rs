//! Fetches a text over HTTP, or sends one.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wow_action::http::Request;
use wow_action::{Error, Result};

#[derive(Deserialize)]
struct Input {
    url: String,
    #[serde(default = "get")]
    method: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    /// How often the body is repeated.
    #[serde(default = "once")]
    repeat: usize,
    /// How often the request is made; the last response is the result.
    #[serde(default = "once")]
    times: usize,
    /// The longest of each wait, in milliseconds.
    timeout: Option<u64>,
    /// A header of the response to be told.
    show: Option<String>,
}

#[derive(Serialize)]
struct Output {
    status: u16,
    body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<String>,
}

fn get() -> String {
    "GET".to_owned()
}

fn once() -> usize {
    1
}

#[wow_action::main]
fn main(input: Input) -> Result<Output> {
    let mut request = Request::new(input.method, &input.url).body(input.body.repeat(input.repeat));
    for (name, value) in input.headers {
        request = request.header(name, value);
    }
    if let Some(milliseconds) = input.timeout {
        request = request.timeout(Duration::from_millis(milliseconds));
    }
    let url = input.url;
    let send = || {
        let sent = request.clone().send();
        sent.map_err(|reason| Error::message(format!("cannot fetch `{url}`: {reason}")))
    };
    for _ in 1..input.times {
        send()?;
    }
    let response = send()?;
    let shown = input.show.and_then(|name| response.header(&name).map(str::to_owned));
    Ok(Output { status: response.status, body: String::from_utf8(response.body)?, shown })
}
