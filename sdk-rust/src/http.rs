//! Requests to other servers, over `wasi:http`.
//!
//! An action reaches the servers that its `wow.toml` asks for by name, as far as the
//! operator allows them:
//!
//! ```toml
//! version = 1
//!
//! [capabilities]
//! http = ["https://api.example.com"]
//! ```
//!
//! A request to any other is an [`Error`], and the activation's log says which line
//! is missing. Nothing follows a redirect: its answer is the answer.
//!
//! ```no_run
//! use wow_action::http::{self, Request};
//!
//! # fn main() -> Result<(), http::Error> {
//! let page = http::get("https://api.example.com/weather?city=Bern")?;
//! println!("{}: {}", page.status, page.text());
//!
//! let answer = Request::new("POST", "https://api.example.com/orders")
//!     .header("content-type", "application/json")
//!     .body(r#"{"n": 1}"#)
//!     .send()?;
//! assert_eq!(answer.status, 201);
//! # Ok(())
//! # }
//! ```

mod code;
mod wire;

use std::fmt;
use std::time::Duration;

/// Gets what is at a URL.
pub fn get(url: &str) -> Result<Response, Error> {
    Request::new("GET", url).send()
}

/// A request that is not sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    timeout: Option<Duration>,
}

impl Request {
    /// A request without headers and without a body.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Request {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: None,
        }
    }

    /// With one header more. `Host` and what frames a message are not the action's to set:
    /// they come from the URL and the body.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With a body, and its length.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With a limit for each wait: for the connection, for the first byte, for more.
    /// Without, only the activation's own deadline ends one.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends it, and waits for the whole response.
    pub fn send(self) -> Result<Response, Error> {
        wire::send(self)
    }
}

/// What a server answered, whatever it was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The status code. 404 and 500 are responses, not errors.
    pub status: u16,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of a name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The body as text; what is not UTF-8 in it is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.body)
    }
}

/// Why there is no response. In the words of `wasi:http`, such as `HTTP-request-denied`
/// or `DNS-error: NXDOMAIN`, or what is wrong with the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// The parts of a URL that a request has: whether it is encrypted, the server, the path.
#[cfg_attr(
    not(any(test, target_family = "wasm")),
    expect(dead_code, reason = "only an action sends")
)]
fn split(url: &str) -> Option<(bool, &str, String)> {
    let (encrypted, rest) = match url.split_once("://")? {
        (scheme, rest) if scheme.eq_ignore_ascii_case("http") => (false, rest),
        (scheme, rest) if scheme.eq_ignore_ascii_case("https") => (true, rest),
        _ => return None,
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (server, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if server.is_empty() {
        return None;
    }
    // RFC 9112 §3.2.1: a request names a path, if only the root.
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Some((encrypted, server, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_its_parts() {
        for (url, parts) in [
            ("http://a.example", Some((false, "a.example", "/"))),
            ("HTTPS://a.example:8443?q=1#there", Some((true, "a.example:8443", "/?q=1"))),
            ("https://a.example/b/c?d", Some((true, "a.example", "/b/c?d"))),
            ("ftp://a.example/", None),
            ("http:///", None),
            ("a.example", None),
        ] {
            let parts = parts.map(|(scheme, server, path)| (scheme, server, path.to_owned()));
            assert_eq!(split(url), parts, "{url}");
        }
    }

    #[test]
    fn a_response_is_read_as_it_is_needed() {
        let response = Response {
            status: 200,
            headers: vec![("content-type".into(), b"application/json".into())],
            body: br#"{"n": 1}"#.into(),
        };
        assert_eq!(response.header("Content-Type"), Some("application/json"));
        assert_eq!(response.header("etag"), None);
        assert_eq!(response.text(), r#"{"n": 1}"#);
        assert_eq!(response.json::<serde_json::Value>().expect("JSON")["n"], 1);
    }
}
