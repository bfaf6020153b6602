//! Parameters as an HTTP request: that of a web action as OpenWhisk's controller
//! took it apart, or a POST of the parameters where none is in them.

use super::media::{self, Carried};
use base64_simd::STANDARD;
use bytes::Bytes;
use form_urlencoded::Serializer;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Uri};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;

/// What the parameters were, which decides how the response is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// A request that somebody made of a web action.
    Web,
    /// Nobody's request: an action was invoked.
    Plain,
}

/// A request for a guest.
pub(crate) struct Request {
    pub(crate) form: Form,
    pub(super) scheme: Scheme,
    pub(super) http: hyper::Request<Body>,
}

pub(super) type Body = http_body_util::combinators::MapErr<Full<Bytes>, Impossible>;
type Impossible = fn(std::convert::Infallible) -> Error;

/// What the controller adds to a web action's parameters begins so.
const CONTEXT: &str = "__ow_";

/// What RFC 3986 wants encoded in a path, but for what is encoded already.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}');
/// The same in a query.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

type Parameters<'a> = BTreeMap<String, &'a RawValue>;

impl Request {
    /// Reads parameters, a JSON object or array. `take` counts the bytes of a body, and
    /// says whether there is room for them.
    pub(crate) fn read(
        parameters: &str,
        take: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Self, String> {
        let web = match parameters.as_bytes().first() {
            Some(b'{') => serde_json::from_str::<Parameters<'_>>(parameters)
                .map(|all| Web::of(all).filter(Web::is_one))
                .map_err(|error| format!("the parameters are not readable: {error}"))?,
            _ => None,
        };
        match web {
            Some(web) => web.request(take),
            None => plain(parameters, take),
        }
    }
}

/// A POST of the parameters.
fn plain(parameters: &str, take: &mut dyn FnMut(usize) -> bool) -> Result<Request, String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = room(parameters.len(), take).map(|()| parameters.as_bytes().to_vec())?;
    build(Form::Plain, Method::POST, Uri::from_static("/"), headers, body)
}

/// The parts of a web action's request, and what else is in its parameters.
struct Web<'a> {
    method: Option<&'a RawValue>,
    path: Option<&'a RawValue>,
    headers: Option<&'a RawValue>,
    query: Option<&'a RawValue>,
    body: Option<&'a RawValue>,
    others: Parameters<'a>,
}

impl<'a> Web<'a> {
    fn of(mut all: Parameters<'a>) -> Option<Self> {
        let mut part = |name: &str| all.remove(&format!("{CONTEXT}{name}"));
        let (method, path, headers) = (part("method"), part("path"), part("headers"));
        let (query, body) = (part("query"), part("body"));
        all.retain(|name, _| !name.starts_with(CONTEXT));
        Some(Self { method, path, headers, query, body, others: all })
    }

    /// Whether a request is in the parameters.
    fn is_one(&self) -> bool {
        let Self { method, path, headers, query, body, .. } = self;
        [method, path, headers, query, body].iter().any(|part| part.is_some())
    }

    fn request(self, take: &mut dyn FnMut(usize) -> bool) -> Result<Request, String> {
        let method = match self.method {
            Some(json) => method(&string("method", json)?)?,
            None if self.body.is_some() => Method::POST,
            None => Method::GET,
        };
        let headers = self.headers.map(headers).transpose()?.unwrap_or_default();
        let raw = self.query.is_some();
        let (mut query, mut body) = (String::new(), Vec::new());
        match self.body {
            Some(json) => body = opaque(json, raw, &headers, take)?,
            // What the controller read as one dictionary was the body, if it says so.
            None if !raw && media::is_json(&headers) => {
                body = serde_json::to_vec(&self.others).map_err(|error| error.to_string())?;
                room(body.len(), take)?;
            }
            None if !raw && media::is_form(&headers) => {
                body = encoded(&self.others).into_bytes();
                room(body.len(), take)?;
            }
            None => {}
        }
        if let Some(json) = self.query {
            query = string("query", json)?;
        } else if self.body.is_some() || body.is_empty() {
            query = encoded(&self.others);
        }
        let path = self.path.map(|json| string("path", json)).transpose()?.unwrap_or_default();
        build(Form::Web, method, uri(&path, &query)?, headers, body)
    }
}

fn build(
    form: Form,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Vec<u8>,
) -> Result<Request, String> {
    let secure = headers.get("x-forwarded-proto").is_none_or(|scheme| scheme != "http");
    let scheme = if secure { Scheme::Https } else { Scheme::Http };
    if headers.get(HOST).is_none_or(|host| host.to_str().is_err()) {
        headers.insert(HOST, HeaderValue::from_static("localhost"));
    }
    // The controller gives another body than it got, and the length of the one that it got.
    headers.remove(CONTENT_LENGTH);
    if !body.is_empty() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    let never: Impossible = |never| match never {};
    let mut http = hyper::Request::new(Full::new(Bytes::from(body)).map_err(never));
    (*http.method_mut(), *http.uri_mut(), *http.headers_mut()) = (method, uri, headers);
    Ok(Request { form, scheme, http })
}

/// The controller writes it in lower case.
fn method(name: &str) -> Result<Method, String> {
    Method::from_bytes(name.to_ascii_uppercase().as_bytes())
        .map_err(|_| format!("/{CONTEXT}method: expected an HTTP method, got {name:?}"))
}

/// The path and query that the guest sees. What may not be in them as it is is encoded.
fn uri(path: &str, query: &str) -> Result<Uri, String> {
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut text = format!("{slash}{}", utf8_percent_encode(path, PATH));
    if !query.is_empty() {
        text.push('?');
        text.extend(utf8_percent_encode(query, QUERY));
    }
    let length = text.len();
    Uri::try_from(text).map_err(|error| {
        format!("/{CONTEXT}path: path and query of {length} bytes make no request target: {error}")
    })
}

/// A dictionary of names and values; a list stands for a name that is there several
/// times.
fn headers(json: &RawValue) -> Result<HeaderMap, String> {
    let place = || format!("/{CONTEXT}headers");
    let all: Parameters<'_> = serde_json::from_str(json.get())
        .map_err(|_| format!("{}: expected an object, got {}", place(), cut(json.get())))?;
    let mut headers = HeaderMap::new();
    let mut size = 0;
    for (name, value) in &all {
        let key = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("{}: {name:?} is no name of a header", place()))?;
        let values = match value.get().as_bytes() {
            [b'[', ..] => serde_json::from_str::<Vec<&RawValue>>(value.get())
                .map_err(|error| format!("{}/{name}: {error}", place()))?,
            _ => vec![*value],
        };
        for value in values {
            let text = plain_text(value);
            size += key.as_str().len() + text.len() + size_of::<HeaderValue>();
            let value = HeaderValue::from_bytes(text.as_bytes())
                .map_err(|_| format!("{}/{name}: not a header's value: {text:?}", place()))?;
            let most = crate::limits::MOST_HEADERS;
            if size > most || headers.try_append(&key, value).is_err() {
                return Err(format!("{}: they take more than {most} bytes", place()));
            }
        }
    }
    Ok(headers)
}

/// A body that the controller did not look into.
fn opaque(
    json: &RawValue,
    raw: bool,
    headers: &HeaderMap,
    take: &mut dyn FnMut(usize) -> bool,
) -> Result<Vec<u8>, String> {
    room(json.get().len(), take)?;
    // JSON that is no object comes as it is, unless the action asked for raw requests.
    let parsed = !raw && media::is_json(headers);
    let Ok(text) = serde_json::from_str::<String>(json.get()) else {
        return Ok(json.get().as_bytes().to_vec());
    };
    if parsed {
        return Ok(json.get().as_bytes().to_vec());
    }
    let encoded = media::carried(headers) == Carried::Base64
        // "for legacy", says the controller.
        || media::is_json(headers);
    if encoded && let Ok(bytes) = STANDARD.decode_to_vec(text.as_bytes()) {
        return Ok(bytes);
    }
    // What somebody typed by hand is not encoded.
    Ok(text.into_bytes())
}

/// A dictionary as `application/x-www-form-urlencoded`, which a query is as well.
fn encoded(parameters: &Parameters<'_>) -> String {
    let mut form = Serializer::new(String::new());
    for (name, value) in parameters {
        form.append_pair(name, &plain_text(value));
    }
    form.finish()
}

/// A string's text, anything else as it was written.
fn plain_text(json: &RawValue) -> String {
    serde_json::from_str::<String>(json.get()).unwrap_or_else(|_| json.get().to_owned())
}

fn string(name: &str, json: &RawValue) -> Result<String, String> {
    serde_json::from_str(json.get())
        .map_err(|_| format!("/{CONTEXT}{name}: expected a string, got {}", cut(json.get())))
}

fn room(bytes: usize, take: &mut dyn FnMut(usize) -> bool) -> Result<(), String> {
    match take(bytes) {
        true => Ok(()),
        false => Err(format!("the request's body of {bytes} bytes is too large")),
    }
}

/// What an error shows of a JSON text.
fn cut(json: &str) -> &str {
    let end = (0..=40).rev().find(|end| json.is_char_boundary(*end));
    &json[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use serde_json::{Value, json};

    fn read(parameters: &Value) -> Result<Request, String> {
        Request::read(&parameters.to_string(), &mut |_| true)
    }

    /// `METHOD target`, headers but for those that are always there, and the body.
    fn seen(parameters: Value) -> (String, Value, String) {
        let request = read(&parameters).expect("a request");
        let (head, body) = request.http.into_parts();
        let body = body.collect().now_or_never().expect("it is there").expect("whole").to_bytes();
        let headers = head.headers.iter().filter(|(name, _)| *name != HOST);
        let headers: Value = headers
            .map(|(name, value)| (name.to_string(), json!(value.to_str().expect("text"))))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let body = String::from_utf8_lossy(&body).into_owned();
        (format!("{} {}", head.method, head.uri), headers, body)
    }

    fn request(line: &str, headers: Value, body: &str) -> (String, Value, String) {
        (line.to_owned(), headers, body.to_owned())
    }

    #[test]
    fn a_raw_request_is_what_it_was() {
        let raw = json!({
            "__ow_method": "put", "__ow_path": "/a b/%20/\u{e9}", "__ow_query": "x=1&y=\u{e9}",
            "__ow_headers": { "content-type": "image/png", "x-a": "1" },
            "__ow_body": "iVBO", "__ow_user": "guest", "bound": "secret",
        });
        let headers = json!({ "content-type": "image/png", "x-a": "1", "content-length": "3" });
        let line = "PUT /a%20b/%20/%C3%A9?x=1&y=%C3%A9";
        assert_eq!(seen(raw), request(line, headers, "\u{fffd}PN"));
        for (media, body, expected) in [
            ("application/json", "eyJhIjoxfQ==", "{\"a\":1}"),
            ("application/json", "{\"a\":1}", "{\"a\":1}"),
            ("text/plain", "iVBO", "iVBO"),
            ("application/x-www-form-urlencoded", "a=1", "a=1"),
        ] {
            let raw = json!({
                "__ow_method": "post", "__ow_path": "", "__ow_query": "",
                "__ow_headers": { "content-type": media }, "__ow_body": body,
            });
            let length = expected.len().to_string();
            let headers = json!({ "content-type": media, "content-length": length });
            assert_eq!(seen(raw), request("POST /", headers, expected), "{media} {body}");
        }
    }

    #[test]
    fn a_request_that_was_parsed_is_put_together_again() {
        let get = json!({ "__ow_method": "get", "__ow_path": "/x", "__ow_headers": {}, "a": "1 2", "b": 3 });
        assert_eq!(seen(get), request("GET /x?a=1+2&b=3", json!({}), ""));
        let typed = |media: &str, rest: Value| {
            let mut all = json!({ "__ow_method": "post", "__ow_path": "" });
            all["__ow_headers"] = json!({ "content-type": media, "content-length": "99" });
            all.as_object_mut().expect("one").extend(rest.as_object().expect("one").clone());
            seen(all)
        };
        let sent = |line: &str, media: &str, body: &str| {
            let headers =
                json!({ "content-type": media, "content-length": body.len().to_string() });
            request(line, headers, body)
        };
        let (json_type, form) = ("application/json", "application/x-www-form-urlencoded");
        let exact = json!({ "n": 9_007_199_254_740_993_i64, "a": "x" });
        let expected = sent("POST /", json_type, "{\"a\":\"x\",\"n\":9007199254740993}");
        assert_eq!(typed(json_type, exact), expected);
        assert_eq!(typed(form, json!({ "a": "x y" })), sent("POST /", form, "a=x+y"));
        // Not a dictionary: it was left as it is, and the query beside it.
        let list = json!({ "__ow_body": [1, 2], "q": "1" });
        assert_eq!(typed(json_type, list), sent("POST /?q=1", json_type, "[1,2]"));
        let text = json!({ "__ow_body": "true" });
        assert_eq!(typed(json_type, text), sent("POST /", json_type, "\"true\""));
        let plain = json!({ "__ow_body": "hello", "q": "1" });
        assert_eq!(typed("text/plain", plain), sent("POST /?q=1", "text/plain", "hello"));
    }

    #[test]
    fn without_a_request_the_parameters_are_posted() {
        let headers =
            |length: &str| json!({ "content-type": "application/json", "content-length": length });
        for (parameters, body) in [
            (json!({ "a": 1 }), "{\"a\":1}"),
            (json!({ "__ow_user": "guest" }), "{\"__ow_user\":\"guest\"}"),
            (json!(["a"]), "[\"a\"]"),
        ] {
            let length = body.len().to_string();
            assert_eq!(seen(parameters), request("POST /", headers(&length), body));
        }
    }

    #[test]
    fn i_15_what_is_no_request_is_named_with_its_place() {
        for (parameters, words) in [
            (json!({ "__ow_method": "a b" }), "/__ow_method: expected an HTTP method, got \"a b\""),
            (json!({ "__ow_method": 7 }), "/__ow_method: expected a string, got 7"),
            (json!({ "__ow_path": [] }), "/__ow_path: expected a string, got []"),
            (json!({ "__ow_headers": "x" }), "/__ow_headers: expected an object, got \"x\""),
            (
                json!({ "__ow_headers": { "a b": "" } }),
                "/__ow_headers: \"a b\" is no name of a header",
            ),
            (
                json!({ "__ow_headers": { "a": "b\r\nc" } }),
                "/__ow_headers/a: not a header's value: \"b\\r\\nc\"",
            ),
        ] {
            assert_eq!(read(&parameters).err().as_deref(), Some(words));
        }
        let many: Vec<_> = (0..5000).map(|number| format!("value {number}")).collect();
        let error = read(&json!({ "__ow_headers": { "a": many } })).err().expect("too many");
        assert_eq!(error, "/__ow_headers: they take more than 65536 bytes");
        let long = read(&json!({ "__ow_path": "x".repeat(70_000) })).err().expect("too long");
        assert_eq!(
            long,
            "/__ow_path: path and query of 70001 bytes make no request target: uri too long"
        );
        let refused = Request::read("{\"a\":1}", &mut |bytes| bytes < 7).err();
        assert_eq!(refused.as_deref(), Some("the request's body of 7 bytes is too large"));
    }
}
