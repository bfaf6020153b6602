//! A response as the JSON that OpenWhisk makes one of.

use super::media::{self, Carried};
use super::{Form, Received, Response};
use crate::error::ActionError;
use crate::limits::Limits;
use crate::logs::Logs;
use crate::outcome::{self, Outcome};
use base64_simd::STANDARD;
use hyper::HeaderMap;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

const NOTHING: &str =
    "the action gave no response: it returned without setting `response-outparam`";
const BROKEN_OFF: &str = "the action's response broke off: its body was not finished, or not of the length \
     that `content-length` says";

/// What came of a request. A web action's is the whole response; another's, if it is
/// JSON, is that JSON.
pub(crate) fn outcome(
    form: Form,
    received: Received,
    limits: &Limits,
    logs: &Logs,
) -> Result<Outcome, ActionError> {
    let response = match received {
        Received::Response(response) => response,
        Received::TooLong(length, start) => {
            return Ok(outcome::too_long(length, &String::from_utf8_lossy(&start), limits));
        }
        Received::Error(code) => {
            let sentence = format!("the action gave an error and no response: {code}");
            return Ok(outcome::in_words(&sentence));
        }
        Received::Nothing => return Err(ActionError::Response(NOTHING.to_owned())),
        Received::BrokenOff => return Err(ActionError::Response(BROKEN_OFF.to_owned())),
    };
    if response.trailers {
        logs.note("the response's trailers are dropped: OpenWhisk's responses have none");
    }
    if form == Form::Plain
        && let Some(json) = result(&response)
    {
        return Ok(checked(json, limits, Outcome::Success));
    }
    let failed = form == Form::Plain && !response.status.is_success();
    let json = whole(response)?;
    Ok(checked(json, limits, if failed { Outcome::ApplicationError } else { Outcome::Success }))
}

/// The result that a response's body is: an object or array, of a request that
/// succeeded.
fn result(response: &Response) -> Option<String> {
    if !response.status.is_success() || !media::is_json(&response.headers) {
        return None;
    }
    let text = std::str::from_utf8(&response.body).ok()?;
    let good = outcome::is_structure(text) && outcome::well_formed(text).is_ok();
    good.then(|| text.to_owned())
}

fn checked(json: String, limits: &Limits, outcome: fn(String) -> Outcome) -> Outcome {
    if json.len() > limits.result {
        return outcome::too_long(json.len(), &json, limits);
    }
    outcome(json)
}

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(rename = "statusCode")]
    status: u16,
    headers: BTreeMap<&'a str, Values<'a>>,
    body: Cow<'a, str>,
}

/// The values of a header. The controller reads a list as a header for each.
#[derive(Serialize)]
#[serde(untagged)]
enum Values<'a> {
    One(Cow<'a, str>),
    Several(Vec<Cow<'a, str>>),
}

fn whole(response: Response) -> Result<String, ActionError> {
    let Response { status, mut headers, body, .. } = response;
    let body = carry(&mut headers, body)?;
    let mut named = BTreeMap::new();
    for name in headers.keys() {
        // The controller counts for itself, also where there is no body (HEAD).
        if name != CONTENT_LENGTH {
            named.insert(name.as_str(), values(&headers, name));
        }
    }
    let whole = Whole { status: status.as_u16(), headers: named, body: Cow::Owned(body) };
    serde_json::to_string(&whole).map_err(|error| ActionError::Response(error.to_string()))
}

fn values<'a>(headers: &'a HeaderMap, name: &hyper::header::HeaderName) -> Values<'a> {
    let mut all: Vec<_> = headers.get_all(name).iter().map(text).collect();
    match all.len() {
        1 => Values::One(all.swap_remove(0)),
        _ => Values::Several(all),
    }
}

/// A header's value: text, or by RFC 9110 bytes that are nobody's text.
fn text(value: &HeaderValue) -> Cow<'_, str> {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.as_bytes().iter().copied().map(char::from).collect()),
    }
}

/// A body as its type has it carried.
fn carry(headers: &mut HeaderMap, body: Vec<u8>) -> Result<String, ActionError> {
    let carried = media::carried(headers);
    if carried == Carried::Base64 {
        return Ok(STANDARD.encode_to_string(&body));
    }
    let text = match String::from_utf8(body) {
        Ok(text) if media::is_json(headers) && media::looks_like_base64(&text) => {
            return Ok(STANDARD.encode_to_string(text));
        }
        Ok(text) => return Ok(text),
        Err(error) => error.into_bytes(),
    };
    let Some(media) = headers.get(CONTENT_TYPE) else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        return Ok(STANDARD.encode_to_string(text));
    };
    Err(ActionError::Response(format!(
        "the action's response cannot be carried: its body is not UTF-8, which `{}` is for \
         OpenWhisk\n\nhint: answer in UTF-8 without `content-encoding`, or with a binary content type",
        String::from_utf8_lossy(media.as_bytes())
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::Logs;
    use hyper::StatusCode;
    use hyper::header::HeaderName;
    use serde_json::{Value, json};
    use std::time::Duration;

    const LIMITS: Limits = Limits {
        memory: 1 << 20,
        timeout: Duration::from_secs(1),
        cpu: None,
        result: 1000,
        log: 1000,
    };

    /// A header's bytes are none of UTF-8.
    fn latin(character: char) -> u8 {
        u8::try_from(character).expect("a character of Latin-1")
    }

    fn response(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Received {
        let header = |(name, value): &(&str, &str)| {
            (
                HeaderName::try_from(*name).expect("a name"),
                HeaderValue::from_bytes(&value.chars().map(latin).collect::<Vec<_>>())
                    .expect("a value"),
            )
        };
        let mut all = HeaderMap::new();
        for (name, value) in headers.iter().map(header) {
            all.append(name, value);
        }
        let status = StatusCode::from_u16(status).expect("a status");
        Received::Response(Response { status, headers: all, body: body.to_vec(), trailers: false })
    }

    fn given(form: Form, received: Received) -> Result<Value, Value> {
        let json = |text: String| serde_json::from_str(&text).expect("JSON");
        match outcome(form, received, &LIMITS, &Logs::new(100)) {
            Ok(Outcome::Success(text)) => Ok(json(text)),
            Ok(Outcome::ApplicationError(text)) => Err(json(text)),
            Err(error) => Err(Value::from(format!("502 {error}"))),
        }
    }

    #[test]
    fn a_web_actions_response_is_given_as_openwhisk_reads_it() {
        for (headers, body, expected) in [
            (&[][..], &b"plain"[..], json!({ "headers": {}, "body": "plain" })),
            (&[], b"", json!({ "headers": {}, "body": "" })),
            (
                &[("content-type", "image/png"), ("content-length", "3")],
                b"\x89PN",
                json!({ "headers": { "content-type": "image/png" }, "body": "iVBO" }),
            ),
            (
                &[("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("x-old", "caf\u{e9}")],
                b"x",
                json!({ "headers": { "set-cookie": ["a=1", "b=2"], "x-old": "caf\u{e9}" }, "body": "x" }),
            ),
            (
                &[("content-type", "application/json")],
                b"{\"a\":1}",
                json!({ "headers": { "content-type": "application/json" }, "body": "{\"a\":1}" }),
            ),
            // The controller would decode it.
            (
                &[("content-type", "application/json")],
                b"true",
                json!({ "headers": { "content-type": "application/json" }, "body": "dHJ1ZQ==" }),
            ),
            (
                &[],
                b"\xff\xfe",
                json!({ "headers": { "content-type": "application/octet-stream" }, "body": "//4=" }),
            ),
        ] {
            let mut expected = expected;
            expected["statusCode"] = json!(418);
            assert_eq!(given(Form::Web, response(418, headers, body)), Ok(expected));
        }
    }

    #[test]
    fn a_body_that_openwhisk_cannot_carry_is_refused() {
        let headers: &[(&str, &str)] = &[("content-type", "text/html; charset=latin1")];
        let sentence = given(Form::Web, response(200, headers, b"caf\xe9")).expect_err("refused");
        assert_eq!(
            sentence,
            json!(
                "502 the action's response cannot be carried: its body is not UTF-8, which \
                 `text/html; charset=latin1` is for OpenWhisk\n\nhint: answer in UTF-8 without \
                 `content-encoding`, or with a binary content type"
            )
        );
    }

    #[test]
    fn an_invocations_response_is_its_json_or_the_whole_of_it() {
        let json_type: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8")];
        let plain = |status, body: &[u8]| given(Form::Plain, response(status, json_type, body));
        assert_eq!(plain(200, b"{\"a\":1}"), Ok(json!({ "a": 1 })));
        assert_eq!(plain(201, b" [1]"), Ok(json!([1])));
        let whole = |status: u16, body: &str| {
            let headers = json!({ "content-type": "application/json; charset=utf-8" });
            json!({ "statusCode": status, "headers": headers, "body": body })
        };
        assert_eq!(plain(200, b"7"), Ok(whole(200, "7")));
        assert_eq!(plain(200, b"{"), Ok(whole(200, "{")));
        assert_eq!(plain(404, b"{\"a\":1}"), Err(whole(404, "{\"a\":1}")));
        assert_eq!(plain(302, b"{}"), Err(whole(302, "{}")));
    }

    #[test]
    fn g_07_what_grows_over_the_limit_when_it_is_written_is_cut() {
        let controls = response(200, &[], &[7; 200]);
        let error = given(Form::Web, controls).expect_err("too long");
        let words = error.as_str().expect("a sentence");
        assert!(
            words.starts_with(
                "The action produced a response that exceeded the allowed length: 124"
            ),
            "{words}"
        );
        let seen =
            given(Form::Web, Received::TooLong(2000, b"start".to_vec())).expect_err("too long");
        let sentence = "The action produced a response that exceeded the allowed length: 2000 > 1000 bytes. \
                        The truncated response was: start";
        assert_eq!(seen, json!(sentence));
    }
}
