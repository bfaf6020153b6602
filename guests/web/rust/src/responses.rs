//! Responses that are whole, and ways not to finish one.

use std::io::Write as _;
use wasip2::http::types::{Fields, OutgoingBody, OutgoingResponse, ResponseOutparam};

/// Sends a response at once.
pub(crate) fn respond(to: ResponseOutparam, status: u16, headers: &[(&str, &str)], body: &[u8]) {
    begin(to, status, headers, |outgoing| {
        write(&outgoing, body);
        OutgoingBody::finish(outgoing, None).expect("it has its length");
    });
}

/// Begins a response of status 200, and leaves its body to another.
pub(crate) fn respond_with(
    to: ResponseOutparam,
    headers: &[(&str, &str)],
    rest: impl FnOnce(OutgoingBody),
) {
    begin(to, 200, headers, rest);
}

/// A body with a trailer after it.
pub(crate) fn trailers(body: OutgoingBody) {
    write(&body, b"body");
    let trailers = Fields::from_list(&[("x-sum".to_owned(), b"1".to_vec())]).expect("valid");
    OutgoingBody::finish(body, Some(trailers)).expect("it has no length");
}

/// A body that goes on for as long as it is taken.
pub(crate) fn endless(body: OutgoingBody) {
    let mut stream = body.write().expect("nobody took it before");
    while stream.write_all(&[b'x'; 4096]).is_ok() {}
}

/// A body of less than the ten bytes that were announced.
pub(crate) fn short(body: OutgoingBody) {
    write(&body, b"short");
    OutgoingBody::finish(body, None).expect_err("too short");
}

fn begin(
    to: ResponseOutparam,
    status: u16,
    headers: &[(&str, &str)],
    rest: impl FnOnce(OutgoingBody),
) {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect();
    let response = OutgoingResponse::new(Fields::from_list(&headers).expect("they are valid"));
    response.set_status_code(status).expect("it is valid");
    let body = response.body().expect("nobody took it before");
    ResponseOutparam::set(to, Ok(response));
    rest(body);
}

fn write(body: &OutgoingBody, bytes: &[u8]) {
    let mut stream = body.write().expect("nobody took it before");
    stream.write_all(bytes).expect("somebody reads");
    stream.flush().expect("somebody reads");
}
