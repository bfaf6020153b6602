//! What came of an activation, as JSON texts, and whether the platform can read what
//! the guest gave. Knows the shapes' answers, not how they were got.

use crate::error::ActionError;
use crate::limits::Limits;
use crate::logs::Logs;
use crate::protocol;
use crate::typed::{self, Unwritable};
use serde_json::value::RawValue;

/// What came of an activation that ran to its end, as JSON texts.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// The action's result, an object or an array.
    Success(String),
    /// The action said no, in its own words: any JSON value.
    ApplicationError(String),
}

/// Deepest nesting of a result. OpenWhisk's own parser is recursive; nobody's
/// data is as deep.
const DEEPEST_RESULT: usize = 1000;

/// How much of a result that is too long the error shows, in bytes.
pub(crate) const EXCERPT: usize = 1000;

/// The guest's JSON as the platform will read it.
pub(crate) fn judge(
    result: Result<String, String>,
    limits: &Limits,
    logs: &Logs,
) -> Result<Outcome, ActionError> {
    let (Ok(text) | Err(text)) = &result;
    if text.len() > limits.result {
        return Ok(too_long(text.len(), text, limits));
    }
    let checked = well_formed(text);
    match (result, checked) {
        (Ok(text), Ok(())) if is_structure(&text) => Ok(Outcome::Success(text)),
        (Ok(_), Ok(())) => Err(ActionError::NotADictionary),
        (Ok(_), Err(problem)) => {
            logs.note(&format!("the action's result is not JSON: {problem}"));
            Err(ActionError::NotADictionary)
        }
        (Err(text), Ok(())) => Ok(Outcome::ApplicationError(text)),
        // A guest's plain words are an error all the same.
        (Err(text), Err(_)) => Ok(in_words(&text)),
    }
}

/// The JSON that we wrote of a guest's values.
pub(crate) fn written(
    answer: Result<typed::Answer, Unwritable>,
    limits: &Limits,
) -> Result<Outcome, ActionError> {
    match answer {
        Ok(typed::Answer::Outcome(json)) => Ok(Outcome::Success(json)),
        Ok(typed::Answer::Error(json)) => Ok(Outcome::ApplicationError(json)),
        Err(Unwritable::TooLong { length, start }) => Ok(too_long(length, &start, limits)),
        Err(Unwritable::Mismatch(mismatch)) => Err(ActionError::Result(mismatch.to_string())),
    }
}

/// An application error in the platform's words, with the start of the text.
pub(crate) fn too_long(length: usize, text: &str, limits: &Limits) -> Outcome {
    let end = (0..=EXCERPT).rev().find(|end| text.is_char_boundary(*end));
    let excerpt = &text[..end.unwrap_or(0)];
    in_words(&protocol::truncated_response(length, limits.result, excerpt))
}

/// An application error in our words.
pub(crate) fn in_words(error: &str) -> Outcome {
    Outcome::ApplicationError(serde_json::Value::from(error).to_string())
}

/// Whether JSON is an object or an array.
pub(crate) fn is_structure(json: &str) -> bool {
    json.trim_ascii_start().starts_with(['{', '['])
}

/// Whether a text is JSON that every reader can read.
pub(crate) fn well_formed(text: &str) -> Result<(), String> {
    serde_json::from_str::<&RawValue>(text).map_err(|e| e.to_string())?;
    let depth = protocol::depth(text);
    if depth > DEEPEST_RESULT {
        return Err(format!("it is nested {depth} deep, more than {DEEPEST_RESULT}"));
    }
    Ok(())
}
