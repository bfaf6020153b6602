//! JSON text in, JSON text out: what surrounds the action's function in an activation.

use std::io::Write;
use std::panic::PanicHookInfo;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// Runs `action` on the JSON text `parameters`. Both sides of the result are JSON texts.
pub fn run<I, O, E>(
    action: impl FnOnce(I) -> Result<O, E>,
    parameters: &str,
) -> Result<String, String>
where
    I: DeserializeOwned,
    O: Serialize,
    E: Into<Error>,
{
    std::panic::set_hook(Box::new(log_panic));
    outcome(action, parameters).map_err(Error::into_json)
}

/// The same, its error as it was made.
pub(crate) fn outcome<I, O, E>(
    action: impl FnOnce(I) -> Result<O, E>,
    parameters: &str,
) -> crate::Result<String>
where
    I: DeserializeOwned,
    O: Serialize,
    E: Into<Error>,
{
    let input =
        serde_json::from_str(parameters).map_err(|error| misfit("invalid parameters", &error))?;
    let output = action(input).map_err(Into::into)?;
    serde_json::to_string(&output)
        .map_err(|error| Error::message(format!("invalid outcome: {error}")))
}

/// JSON that a type does not take. Nobody wrote a text with lines and columns: a
/// program put it together.
pub(crate) fn misfit(what: &str, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    Error::message(format!("{what}: {}", text.strip_suffix(&place).unwrap_or(&text)))
}

/// In place of the standard library's hook, whose text has several lines: the
/// last line of stderr is what the host shows as the reason of the trap.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    let line = panic_line(&location, panic.payload_as_str().unwrap_or("no message"));
    // Nothing is left to do if the log refuses the line.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

fn panic_line(location: &str, message: &str) -> String {
    let message = message.lines().collect::<Vec<_>>().join(" ").replace('\r', " ");
    format!("panicked at {location}: {message}\n")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Deserialize)]
    struct Input {
        name: String,
        #[serde(default)]
        times: u8,
    }

    fn greet(input: Input) -> crate::Result<Value> {
        match input.times {
            0 => Err(Error::message("nobody to greet")),
            times => {
                Ok(json!({"greeting": format!("Hello, {}!", input.name).repeat(times.into())}))
            }
        }
    }

    #[test]
    fn the_outcome_is_compact_json() {
        let outcome = run(greet, r#"{ "name": "Ada ❄", "times": 1 }"#);
        assert_eq!(outcome, Ok(r#"{"greeting":"Hello, Ada ❄!"}"#.to_owned()));
    }

    #[test]
    fn an_error_of_the_function_is_json_too() {
        assert_eq!(run(greet, r#"{"name": "Ada"}"#), Err(r#""nobody to greet""#.to_owned()));
    }

    #[test]
    fn any_standard_error_may_be_the_functions_error() {
        let parse = |text: String| text.parse::<u8>();
        assert_eq!(run(parse, r#""x""#), Err(r#""invalid digit found in string""#.to_owned()));
    }

    #[test]
    fn a_missing_parameter_is_named_without_line_and_column() {
        assert_eq!(
            run(greet, "{}"),
            Err(r#""invalid parameters: missing field `name`""#.to_owned())
        );
    }

    #[test]
    fn a_parameter_that_does_not_fit_is_told_with_its_value() {
        let outcome = run(greet, "{\"name\": \"Ada\",\n \"times\": 256}");
        let expected = r#""invalid parameters: invalid value: integer `256`, expected u8""#;
        assert_eq!(outcome, Err(expected.to_owned()));
    }

    #[test]
    fn an_outcome_that_json_cannot_say_is_an_error() {
        let outcome =
            run(|_: Value| Ok::<_, Error>(std::collections::HashMap::from([((), 1)])), "{}");
        assert_eq!(outcome, Err(r#""invalid outcome: key must be a string""#.to_owned()));
    }

    #[test]
    fn a_panic_is_one_line() {
        assert_eq!(
            panic_line("src/lib.rs:12:5", "left\r\nright\nand\rso on"),
            "panicked at src/lib.rs:12:5: left right and so on\n"
        );
    }
}
