//! Greets by name, for hosts of `wasi:http`: reads the body of a `/run` and answers as the
//! action `hello` does.

use serde::{Deserialize, Serialize};
use std::io::{self, Read as _};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

#[derive(Deserialize)]
struct Run {
    value: Input,
}

#[derive(Deserialize)]
struct Input {
    name: Option<String>,
}

#[derive(Serialize)]
struct Output {
    greeting: String,
}

struct Hello;

wasip2::http::proxy::export!(Hello);

impl Guest for Hello {
    fn handle(request: IncomingRequest, response: ResponseOutparam) {
        let body = request.consume().expect("nobody took it before");
        let (status, answer) = match read(body).and_then(|body| Ok(greet(&body)?)) {
            Ok(answer) => (200, answer),
            Err(error) => (400, error.to_string().into_bytes()),
        };
        reply(response, status, &answer).expect("the client listens");
    }
}

fn read(body: IncomingBody) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    body.stream().expect("nobody took it before").read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn greet(body: &[u8]) -> serde_json::Result<Vec<u8>> {
    let run: Run = serde_json::from_slice(body)?;
    let name = run.value.name.as_deref().unwrap_or("World");
    serde_json::to_vec(&Output { greeting: format!("Hello, {name}!") })
}

fn reply(to: ResponseOutparam, status: u16, answer: &[u8]) -> io::Result<()> {
    let length = answer.len().to_string();
    let headers = [("content-type", "application/json"), ("content-length", &length)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    let response = OutgoingResponse::new(Fields::from_list(&headers).expect("they are valid"));
    response.set_status_code(status).expect("it is valid");
    let body = response.body().expect("nobody took it before");
    ResponseOutparam::set(to, Ok(response));
    // One call to the host: check, write and flush are three, and cost the peer.
    let stream = body.write().expect("nobody took it before");
    stream.blocking_write_and_flush(answer).map_err(io::Error::other)?;
    drop(stream);
    OutgoingBody::finish(body, None).map_err(io::Error::other)
}
