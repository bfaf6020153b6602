//! Which bodies OpenWhisk carries as text and which in base64. It goes by the
//! content type alone: Akka HTTP's list of media types (`MediaType.scala`), by which
//! the controller encodes requests and decodes responses.

use hyper::HeaderMap;
use hyper::header::CONTENT_TYPE;

/// How a body is carried in JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Carried {
    Text,
    Base64,
}

impl Carried {
    /// How long a body may be that is at most `limit` bytes when it is carried.
    pub(super) fn most(self, limit: usize) -> usize {
        match self {
            Self::Text => limit,
            Self::Base64 => limit / 4 * 3,
        }
    }
}

/// Media types of `application` that Akka HTTP knows to be text.
const TEXT_APPLICATIONS: [&str; 14] = [
    "atom+xml",
    "base64",
    "javascript",
    "json",
    "problem+xml",
    "rss+xml",
    "soap+xml",
    "vnd.google-earth.kml+xml",
    "x-latex",
    "x-vrml",
    "x-www-form-urlencoded",
    "xhtml+xml",
    "xml",
    "xml-dtd",
];

/// Those of `text` that it knows; others are binary unless they name a charset.
const TEXTS: [&str; 30] = [
    "asp",
    "cache-manifest",
    "calendar",
    "css",
    "csv",
    "event-stream",
    "html",
    "markdown",
    "mcf",
    "plain",
    "richtext",
    "tab-separated-values",
    "uri-list",
    "vnd.wap.wml",
    "vnd.wap.wmlscript",
    "x-asm",
    "x-c",
    "x-component",
    "x-h",
    "x-java-source",
    "x-pascal",
    "x-script",
    "x-server-parsed-html",
    "x-setext",
    "x-sgml",
    "x-speech",
    "x-uuencode",
    "x-vcalendar",
    "x-vcard",
    "xml",
];

/// Main types that are binary, whatever charset is named.
const BINARY: [&str; 6] = ["audio", "font", "image", "message", "multipart", "video"];

/// Media types of `application` that it knows to be binary, by how they begin.
const BINARY_APPLICATIONS: [&str; 12] = [
    "cbor",
    "gnutar",
    "java-archive",
    "msword",
    "octet-stream",
    "pdf",
    "postscript",
    "vnd.google-earth.kmz",
    "vnd.ms-",
    "vnd.oasis.",
    "vnd.openxmlformats-",
    "zip",
];

/// How a body with these headers is carried. Without a type it is text.
pub(super) fn carried(headers: &HeaderMap) -> Carried {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Carried::Text };
    let value = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let (media, parameters) = value.split_once(';').unwrap_or((&value, ""));
    let (main, sub) = media.trim().split_once('/').unwrap_or((media.trim(), ""));
    let known = match main {
        "application" => TEXT_APPLICATIONS.contains(&sub),
        "text" => TEXTS.contains(&sub),
        _ => false,
    };
    let binary = BINARY.contains(&main)
        || main == "application" && BINARY_APPLICATIONS.iter().any(|start| sub.starts_with(start))
        // Every version of Akka HTTP decodes these, but not every one knows them to be text.
        || sub.ends_with("+json");
    let charset = parameters.split(';').any(|parameter| parameter.trim().starts_with("charset="));
    if known || charset && !binary { Carried::Text } else { Carried::Base64 }
}

/// Whether a body is JSON by its type.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    essence(headers).is_some_and(|media| media == "application/json" || media.ends_with("+json"))
}

/// Whether a body is a form by its type.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    essence(headers).is_some_and(|media| media == "application/x-www-form-urlencoded")
}

/// The media type without its parameters.
fn essence(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}

/// Whether OpenWhisk takes a text for base64 where it expects JSON
/// (`Exec.isBinaryCode`): `true` and `1234` are both.
pub(super) fn looks_like_base64(text: &str) -> bool {
    let text = text.trim();
    let digits = text.trim_end_matches('=');
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    !digits.is_empty()
        && text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(alphabet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn headers(media: &str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_str(media).expect("a value"))])
    }

    #[test]
    fn a_body_is_carried_as_openwhisk_reads_it() {
        for media in [
            "text/html",
            "Text/Plain; charset=UTF-8",
            "text/x-c",
            "application/json",
            "application/xml",
            "application/x-www-form-urlencoded",
            "application/graphql; charset=utf-8",
            "application/vnd.acme; a=b; charset=utf-8",
        ] {
            assert_eq!(carried(&headers(media)), Carried::Text, "{media}");
        }
        for media in [
            "image/svg+xml",
            "image/png",
            "multipart/form-data; boundary=x",
            "application/octet-stream",
            "application/pdf; charset=utf-8",
            "application/wasm",
            "text/x-rust",
            "application/problem+json",
            "text/javascript",
            "nonsense",
        ] {
            assert_eq!(carried(&headers(media)), Carried::Base64, "{media}");
        }
        assert_eq!(carried(&HeaderMap::new()), Carried::Text);
    }

    #[test]
    fn json_that_looks_like_base64_is_known() {
        for text in ["true", "null", "1234", "12345678", " abc= ", "ab=="] {
            assert!(looks_like_base64(text), "{text}");
        }
        for text in ["", "====", "false", "{}", "\"ab\"", "12345", "a===", "[1]"] {
            assert!(!looks_like_base64(text), "{text}");
        }
    }
}
