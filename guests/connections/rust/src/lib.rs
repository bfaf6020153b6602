//! Calls `wasi:http` so that several connections are open at once: no library in
//! between reads a response before the next request is made.

use std::io::Read as _;

use serde::{Deserialize, Serialize};
use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    Fields, FutureIncomingResponse, IncomingResponse, OutgoingRequest, Scheme,
};
use wow_action::{Error, Result};

#[derive(Deserialize)]
struct Input {
    /// `http://` and a server.
    url: String,
    /// How many requests are made before a response is looked at.
    open: usize,
    /// Whether a response is read to its end before the next is waited for; else it is held.
    #[serde(default)]
    read: bool,
}

#[derive(Serialize)]
struct Output {
    /// What came of each request: a status, or the error's name.
    answers: Vec<String>,
}

#[wow_action::main]
fn main(input: Input) -> Result<Output> {
    let server = input.url.strip_prefix("http://").and_then(|rest| rest.split('/').next());
    let server = server.ok_or_else(|| Error::message("not a URL of HTTP"))?;
    let waiting: Vec<_> = (0..input.open).map(|_| send(server)).collect();
    let mut held = Vec::new();
    let mut answers = Vec::new();
    for response in waiting.iter().map(|sent| sent.as_ref().map_err(Clone::clone).and_then(wait)) {
        match response {
            Ok(response) => {
                answers.push(response.status().to_string());
                if input.read {
                    read(&response);
                }
                held.push(response);
            }
            Err(name) => answers.push(name),
        }
    }
    Ok(Output { answers })
}

fn send(server: &str) -> std::result::Result<FutureIncomingResponse, String> {
    let request = OutgoingRequest::new(Fields::new());
    let set = request.set_scheme(Some(&Scheme::Http)).and_then(|()| {
        request.set_authority(Some(server))?;
        request.set_path_with_query(Some("/"))
    });
    set.map_err(|()| "no server".to_owned())?;
    handle(request, None).map_err(|code| format!("{code:?}"))
}

fn wait(sent: &FutureIncomingResponse) -> std::result::Result<IncomingResponse, String> {
    sent.subscribe().block();
    let response = sent.get().expect("it is ready").expect("it is taken once");
    response.map_err(|code| format!("{code:?}"))
}

fn read(response: &IncomingResponse) {
    let body = response.consume().expect("it is taken once");
    let mut stream = body.stream().expect("it is taken once");
    stream.read_to_end(&mut Vec::new()).expect("it comes whole");
}
