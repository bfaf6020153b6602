//! What an action answers when it cannot do what it was asked.

use std::fmt;

use serde::Serialize;

/// The result of an action.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An action's own error: any JSON value, which the caller sees as `{"error": …}`.
///
/// It is made from a message, from a value, or by `?` from any
/// [`std::error::Error`]. For the sake of that `?` it is none itself.
///
/// ```
/// use wow_action::{Error, Result};
///
/// fn percentage(text: &str) -> Result<u8> {
///     match text.parse()? {
///         n @ 0..=100 => Ok(n),
///         n => Err(Error::message(format!("{n} is more than 100"))),
///     }
/// }
///
/// assert_eq!(percentage("many").unwrap_err().to_string(), "invalid digit found in string");
/// assert_eq!(percentage("101").unwrap_err().to_string(), "101 is more than 100");
/// ```
pub struct Error(Value);

enum Value {
    Message(String),
    /// A JSON text, so that actions without `serde_json::Value` stay free of it.
    Json(String),
}

impl Error {
    /// A sentence for the caller: `{"error": "…"}`.
    pub fn message(message: impl Into<String>) -> Self {
        Error(Value::Message(message.into()))
    }

    /// A value for the caller's program, such as `json!({"code": 7})`: `{"error": {"code": 7}}`.
    ///
    /// What JSON cannot say, such as a map whose keys are not strings, becomes
    /// the message that says so.
    pub fn value(value: impl Serialize) -> Self {
        match serde_json::to_string(&value) {
            Ok(json) => Error(Value::Json(json)),
            Err(error) => error.into(),
        }
    }

    /// The error of another action, as it came.
    pub(crate) fn from_json(json: String) -> Self {
        Error(Value::Json(json))
    }

    /// The JSON text of the value. A message is a JSON string.
    pub fn into_json(self) -> String {
        match self.0 {
            Value::Message(message) => serde_json::to_string(&message).expect("a string is JSON"),
            Value::Json(json) => json,
        }
    }
}

/// The error and what caused it: `cannot read the order: connection reset`.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            // Some errors end with their cause already.
            if !message.ends_with(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            source = cause.source();
        }
        Error::message(message)
    }
}

/// A message as it is, any other value as JSON text.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Message(text) => f.write_str(text),
            // Another action's message.
            Value::Json(text) if text.starts_with('"') => {
                f.write_str(&serde_json::from_str::<String>(text).unwrap_or_else(|_| text.clone()))
            }
            Value::Json(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Message(message) => write!(f, "Error({message:?})"),
            Value::Json(json) => write!(f, "Error({json})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug)]
    struct Outer(std::num::ParseIntError);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cannot read the order")
        }
    }

    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    /// A transparent error: its text is its cause's.
    #[derive(Debug)]
    struct Transparent(Outer);

    impl fmt::Display for Transparent {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)
        }
    }

    impl std::error::Error for Transparent {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    fn outer() -> Outer {
        Outer("x".parse::<u8>().expect_err("not a number"))
    }

    #[test]
    fn a_message_is_a_json_string() {
        assert_eq!(Error::message("❄ \"quoted\"\n").into_json(), r#""❄ \"quoted\"\n""#);
    }

    #[test]
    fn a_value_is_its_json_text() {
        let error = Error::value(json!({"code": 7, "of": [null, true]}));
        assert_eq!(error.to_string(), r#"{"code":7,"of":[null,true]}"#);
        assert_eq!(error.into_json(), r#"{"code":7,"of":[null,true]}"#);
    }

    #[test]
    fn a_value_that_json_cannot_say_is_the_message_that_says_so() {
        let error = Error::value(std::collections::HashMap::from([((), 1)]));
        assert_eq!(error.into_json(), r#""key must be a string""#);
    }

    #[test]
    fn the_causes_are_in_the_message() {
        let error = Error::from(outer());
        assert_eq!(error.to_string(), "cannot read the order: invalid digit found in string");
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = Error::from(Transparent(outer()));
        assert_eq!(error.to_string(), "cannot read the order: invalid digit found in string");
    }
}
