//! A middleware around any JSON action: nobody runs it unnamed, and the log says
//! who did, how much went in and out, and how long it took.
//!
//! What is inside stays text, so that nothing of it is rounded or changed.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use wow_action::{Error, Next, Result, json};

#[derive(Deserialize)]
struct Caller {
    user: Option<String>,
}

#[wow_action::middleware]
fn main(parameters: Box<RawValue>, next: Next) -> Result<Box<RawValue>> {
    let user = user(&parameters).ok_or_else(|| {
        Error::message("nobody is named: the parameter `user` must say who runs this")
    })?;
    let start = Instant::now();
    let outcome: Result<Box<RawValue>> = next.run(&parameters);
    let time = start.elapsed().as_millis();
    let size_in = parameters.get().len();
    match outcome {
        Ok(outcome) => {
            let size_out = outcome.get().len();
            eprintln!(
                "audit: {user:?} ran it: {size_in} bytes in, {size_out} bytes out, {time} ms"
            );
            let audit = json!({"user": user, "in": size_in, "out": size_out});
            Ok(with_field(outcome, "audit", to_raw_value(&audit)?))
        }
        Err(error) => {
            eprintln!("audit: {user:?} got an error: {size_in} bytes in, {time} ms");
            Err(error)
        }
    }
}

fn user(parameters: &RawValue) -> Option<String> {
    let caller: Caller = serde_json::from_str(parameters.get()).ok()?;
    caller.user.filter(|user| !user.is_empty())
}

/// An object with a field more. An array has no fields, and stays what it is.
fn with_field(outcome: Box<RawValue>, name: &str, value: Box<RawValue>) -> Box<RawValue> {
    let object = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(outcome.get());
    let Ok(mut object) = object else { return outcome };
    object.insert(name.to_owned(), value);
    to_raw_value(&object).unwrap_or(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn audited(parameters: &str, next: Next) -> Result<String, String> {
        let parameters = RawValue::from_string(parameters.to_owned()).unwrap();
        main(parameters, next).map(|json| json.get().to_owned()).map_err(|e| e.to_string())
    }

    fn echo() -> Next {
        Next::new(|parameters: Box<RawValue>| Ok::<_, Error>(parameters))
    }

    #[test]
    fn the_outcome_says_who_and_how_much_and_no_number_is_rounded() {
        assert_eq!(
            audited(r#"{"user":"ada","n":0.10,"m":123456789012345678901}"#, echo()).unwrap(),
            r#"{"audit":{"in":49,"out":49,"user":"ada"},"m":123456789012345678901,"n":0.10,"user":"ada"}"#
        );
    }

    #[test]
    fn an_array_has_no_place_for_a_field() {
        let next = Next::new(|_: Value| Ok::<_, Error>([1, 2]));
        assert_eq!(audited(r#"{"user": "ada"}"#, next).unwrap(), "[1,2]");
    }

    #[test]
    fn nobody_runs_it_unnamed_and_an_error_stays_as_it_is() {
        let refusal = "nobody is named: the parameter `user` must say who runs this";
        for parameters in ["{}", r#"{"user": 7}"#, r#"{"user": ""}"#, "[]"] {
            assert_eq!(audited(parameters, echo()), Err(refusal.to_owned()), "{parameters}");
        }
        let next = Next::new(|_: Value| Err::<Value, _>(Error::message("not today")));
        assert_eq!(audited(r#"{"user": "ada"}"#, next), Err("not today".to_owned()));
    }
}
