//! TOML with keys that are all known. Knows none of them: a key that is unknown is
//! named with its line and with the nearest that is known.

use serde::de::DeserializeOwned;
use std::fmt;

/// Why a text is not what it should be.
#[derive(Debug, PartialEq)]
pub(crate) struct Wrong {
    line: usize,
    sentence: String,
    /// The key that was meant, or all that there are.
    pub(crate) hint: Option<String>,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.sentence)
    }
}

/// Reads a text whose types deny unknown fields.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Wrong> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = 1 + text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
        match unknown(error.message()) {
            Some((key, known)) => Wrong {
                line,
                sentence: format!("there is no key `{key}`"),
                hint: Some(nearest(key, &known)),
            },
            None => Wrong { line, sentence: one_line(error.message()), hint: None },
        }
    })
}

/// The key, and those that would have been known, of serde's own sentence.
fn unknown(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, rest) = rest.split_once('`')?;
    Some((key, rest.split('`').skip(1).step_by(2).collect()))
}

fn nearest(key: &str, known: &[&str]) -> String {
    let near = known.iter().min_by_key(|name| strsim::osa_distance(name, key));
    // Half may be wrong: there are few keys, and all are short.
    match near.filter(|name| strsim::osa_distance(name, key) * 2 <= name.len()) {
        Some(name) => format!("the nearest is `{name}`"),
        None => format!("there are: {}", known.join(", ")),
    }
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        first: u8,
        second: Option<u8>,
    }

    fn wrong(text: &str) -> (String, Option<String>) {
        let wrong = read::<Pair>(text).expect_err("wrong");
        (wrong.to_string(), wrong.hint)
    }

    #[test]
    fn a_key_that_is_unknown_is_named_with_its_line_and_the_nearest() {
        assert_eq!(read("first = 1"), Ok(Pair { first: 1, second: None }));
        let near = Some("the nearest is `second`".to_owned());
        assert_eq!(wrong("first = 1\nsecnd = 2"), ("line 2: there is no key `secnd`".into(), near));
        let all = Some("there are: first, second".to_owned());
        assert_eq!(wrong("colour = 1"), ("line 1: there is no key `colour`".into(), all));
        let (sentence, hint) = wrong("first = 300");
        assert_eq!(hint, None);
        assert!(sentence.starts_with("line 1: invalid value: integer `300`"), "{sentence}");
        assert!(wrong("first = [").0.starts_with("line 1: "), "{:?}", wrong("first = ["));
    }
}
