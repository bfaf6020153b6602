//! What was expected where, and what was there instead.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// Why JSON is not what a type asks for, or a value not what JSON can hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    pointer: String,
    problem: String,
}

impl Mismatch {
    pub(super) fn new(place: &[Segment<'_>], problem: impl Into<String>) -> Self {
        Self { pointer: pointer(place), problem: problem.into() }
    }

    /// Where it is: a JSON pointer (RFC 6901), empty for the whole text.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Mismatch {}

/// One step into a JSON text.
#[derive(Clone, Debug)]
pub(super) enum Segment<'a> {
    Key(Cow<'a, str>),
    Index(usize),
}

fn pointer(place: &[Segment<'_>]) -> String {
    let mut pointer = String::new();
    for segment in place {
        // To write to a `String` cannot fail.
        let _ = match segment {
            Segment::Key(key) => {
                write!(pointer, "/{}", cut(key).replace('~', "~0").replace('/', "~1"))
            }
            Segment::Index(index) => write!(pointer, "/{index}"),
        };
    }
    pointer
}

/// What was there, in words.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    Nothing,
    Null,
    Bool(bool),
    /// As it was written.
    Number(&'a str),
    String(&'a str),
    Array,
    Object,
}

impl<'a> Found<'a> {
    /// What a JSON text begins with; strings are not looked into.
    pub(super) fn of(json: &'a str) -> Self {
        match json.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'[') => Self::Array,
            Some(b'{') => Self::Object,
            Some(_) => Self::Number(json),
            None => Self::Nothing,
        }
    }
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(text) => write!(f, "the number {}", cut(text)),
            Self::String(text) => write!(f, "the string {}", quoted(text)),
            Self::Array => f.write_str("an array"),
            Self::Object => f.write_str("an object"),
        }
    }
}

/// A text as JSON has it, cut if it is long.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(cut(text)).to_string()
}

/// How much of what was found is shown, in characters.
const LONGEST_EXCERPT: usize = 40;

fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST_EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_escaped_as_rfc_6901_has_it_and_never_long() {
        let key = |key: &'static str| Segment::Key(key.into());
        let place = [key("a/b"), key("m~n"), Segment::Index(3), key("")];
        assert_eq!(Mismatch::new(&place, "no").to_string(), "/a~1b/m~0n/3/: no");
        assert_eq!(Mismatch::new(&[], "no").to_string(), "no");
        let long = Segment::Key("ß".repeat(1000).into());
        assert_eq!(Mismatch::new(&[long], "").pointer(), format!("/{}…", "ß".repeat(40)));
    }

    #[test]
    fn what_was_found_is_said_in_a_few_words() {
        for (json, words) in [
            ("null", "null"),
            ("true", "true"),
            ("-1.5e3", "the number -1.5e3"),
            ("[1]", "an array"),
            ("{}", "an object"),
        ] {
            assert_eq!(Found::of(json).to_string(), words);
        }
        assert_eq!(Found::String("a\"b").to_string(), r#"the string "a\"b""#);
        let long = "x".repeat(41);
        assert_eq!(Found::String(&long).to_string(), format!("the string \"{}…\"", &long[1..]));
    }
}
