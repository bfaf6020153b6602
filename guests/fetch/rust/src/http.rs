//! A GET request over `wasi:http/outgoing-handler`. Knows nothing of the action.

use std::io::Read;

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{ErrorCode, Fields, OutgoingRequest, Scheme};

/// The status and the body. An error is a sentence with WASI's code in it.
pub fn get(url: &str) -> Result<(u16, Vec<u8>), String> {
    let request = request(url).ok_or("not a URL of HTTP")?;
    let waiting = handle(request, None).map_err(describe)?;
    waiting.subscribe().block();
    let response =
        waiting.get().expect("it is ready").expect("it is taken once").map_err(describe)?;
    let body = response.consume().expect("it is taken once");
    let mut bytes = Vec::new();
    body.stream()
        .expect("it is taken once")
        .read_to_end(&mut bytes)
        .map_err(|error| format!("the body broke off: {error}"))?;
    Ok((response.status(), bytes))
}

/// `None` if the URL is not one: its parts are checked where they are set.
fn request(url: &str) -> Option<OutgoingRequest> {
    let (scheme, rest) = match url.split_once("://")? {
        ("http", rest) => (Scheme::Http, rest),
        ("https", rest) => (Scheme::Https, rest),
        _ => return None,
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.is_empty() {
        return None;
    }
    // RFC 9112 §3.2.1: a request names a path, if only the root.
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&scheme)).ok()?;
    request.set_authority(Some(authority)).ok()?;
    request.set_path_with_query(Some(&path)).ok()?;
    Some(request)
}

/// The code as WASI writes it where callers look for it, the others as Rust does.
fn describe(code: ErrorCode) -> String {
    match code {
        ErrorCode::HttpRequestDenied => "HTTP-request-denied".to_owned(),
        ErrorCode::InternalError(Some(reason)) => format!("internal-error: {reason}"),
        code => format!("{code:?}"),
    }
}
