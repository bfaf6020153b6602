//! JSON as the platform sends it: strings borrowed, values left as they were
//! written. Knows nothing of what they mean.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// A JSON string, borrowed where it has no escapes; any other value is none.
#[derive(Default)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Text::default())
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Text::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Text::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Text::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Text::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// The fields of a JSON object in their order, each value as it was written.
/// (serde's `flatten` cannot keep a value raw.)
pub(super) struct Fields<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            // `null` stands for an object without fields: the tests send it.
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Fields(Vec::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::<(Cow<'de, str>, &'de RawValue)>::new();
                while let Some((key, value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    // The last one would win in silence, and nobody could say which was meant.
                    if fields.iter().any(|(known, _)| *known == key.0) {
                        return Err(serde::de::Error::custom(format!("duplicate key `{}`", key.0)));
                    }
                    if fields.len() == MOST_FIELDS {
                        return Err(serde::de::Error::custom(format!(
                            "more than {MOST_FIELDS} keys"
                        )));
                    }
                    fields.push((key.0, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_any(Object)
    }
}

/// OpenWhisk sends about ten; the search for duplicates is quadratic.
const MOST_FIELDS: usize = 64;

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The text of a JSON string, borrowed where it has no escapes; nothing else is text.
pub(super) fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Key<'_>>(value.get()).ok().map(|key| key.0)
}

/// A string's text, a number or a boolean as written; nothing else is plain.
pub(super) fn plain(value: &RawValue) -> Option<Cow<'_, str>> {
    match value.get().as_bytes() {
        [b'{' | b'[', ..] | b"null" => None,
        [b'"', ..] => text(value),
        _ => Some(Cow::Borrowed(value.get())),
    }
}

/// From here on a string is long.
const LONG: usize = 16 << 10;

/// How many short strings may come before a long one.
const SHORT_BEFORE: usize = 1024;

/// Where the first long string of a JSON text is, if it is of printable ASCII without escapes, as
/// base64 is. Found many times as fast as a parser reads it, which looks at eight bytes at a time.
pub(super) fn long_string(json: &[u8]) -> Option<Range<usize>> {
    let mut at = 0;
    for _ in 0..=SHORT_BEFORE {
        let start = at + memchr::memchr(b'"', &json[at..])? + 1;
        let end = end_of_string(json, start)?;
        if end - start >= LONG {
            let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) & (byte != b'\\');
            // In pieces that the compiler looks at as a whole.
            let mut pieces = json[start..end].chunks(4096);
            let is_plain = pieces.all(|piece| piece.iter().fold(true, |all, b| all & is_plain(*b)));
            return is_plain.then_some(start..end);
        }
        at = end + 1;
    }
    None
}

/// Whether a string is the value of `key`, by what is before it in its JSON text, its first quote
/// included. Only text that is no JSON can make it wrong.
pub(super) fn is_of(key: &str, before: &[u8]) -> bool {
    let before = before.strip_suffix(b"\"").map(<[u8]>::trim_ascii_end);
    let before = before.and_then(|before| before.strip_suffix(b":")).map(<[u8]>::trim_ascii_end);
    let before = before.and_then(|before| before.strip_suffix(b"\""));
    before.is_some_and(|before| before.ends_with(format!("\"{key}").as_bytes()))
}

/// Where the string that begins at `start` ends; an escape takes the next byte with it.
fn end_of_string(json: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', json.get(at..)?)?;
        if json[found] == b'"' {
            return Some(found);
        }
        at = found + 2;
    }
}

/// How deep arrays and objects are nested in a JSON text that is well-formed.
pub fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                // To the end of the string; an escape takes the next byte with it.
                while let Some(byte) = bytes.next().filter(|byte| *byte != b'"') {
                    if byte == b'\\' {
                        bytes.next();
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}
