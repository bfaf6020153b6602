//! The action inside, as a middleware calls it.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result, run};

/// The action inside a [middleware](crate::middleware).
///
/// It runs in the same activation: its log is the middleware's, and its trap is
/// the middleware's trap.
pub struct Next(Box<Run>);

/// A JSON action: JSON texts in and out.
type Run = dyn Fn(&str) -> Result<String, String>;

impl Next {
    /// Any action in place of the one inside, for the tests of a middleware.
    ///
    /// ```
    /// use wow_action::serde_json::{Value, json};
    /// use wow_action::{Error, Next, Result};
    ///
    /// fn twice(parameters: Value, next: Next) -> Result<Value> {
    ///     next.run::<_, Value>(&parameters)?;
    ///     next.run(&parameters)
    /// }
    ///
    /// let next = Next::new(|n: Value| Ok::<_, Error>(json!({"n": n["n"]})));
    /// assert_eq!(twice(json!({"n": 7}), next).unwrap(), json!({"n": 7}));
    /// ```
    pub fn new<I, O, E>(action: impl Fn(I) -> Result<O, E> + 'static) -> Self
    where
        I: DeserializeOwned,
        O: Serialize,
        E: Into<Error>,
    {
        let action = move |parameters: &str| run::outcome(&action, parameters);
        Next(Box::new(move |parameters| action(parameters).map_err(Error::into_json)))
    }

    /// The component's import.
    pub(crate) fn imported() -> Self {
        Next(Box::new(crate::inside::wow::action::handler::run))
    }

    /// Runs the action inside, once for each call.
    ///
    /// # Errors
    ///
    /// The error of the action inside, text for text: `?` passes it on. An outcome
    /// that is not what `O` takes is an error that says so.
    pub fn run<I: Serialize, O: DeserializeOwned>(&self, parameters: &I) -> Result<O> {
        let parameters = serde_json::to_string(parameters)?;
        let outcome = (self.0)(&parameters).map_err(Error::from_json)?;
        serde_json::from_str(&outcome)
            .map_err(|error| run::misfit("invalid outcome of the action inside", &error))
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Next")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_parameters_go_in_and_the_outcome_comes_out() {
        let next = Next::new(|input: Value| Ok::<_, Error>(json!({"was": input})));
        let outcome: Value = next.run(&json!({"a": [1, "❄"]})).expect("an outcome");
        assert_eq!(outcome, json!({"was": {"a": [1, "❄"]}}));
    }

    #[test]
    fn an_error_passes_through_as_it_is() {
        for (error, text, shown) in [
            (Error::message("no \"❄\" today"), r#""no \"❄\" today""#, "no \"❄\" today"),
            (Error::value(json!({"code": 7})), r#"{"code":7}"#, r#"{"code":7}"#),
        ] {
            let json = error.into_json();
            let next = Next(Box::new(move |_| Err(json.clone())));
            let error = next.run::<_, Value>(&json!({})).expect_err("an error");
            assert_eq!(error.to_string(), shown);
            assert_eq!(error.into_json(), text);
        }
        // An action that no SDK made may say its error in plain words.
        let next = Next(Box::new(|_| Err("plain words".to_owned())));
        let error = next.run::<_, Value>(&json!({})).expect_err("an error");
        assert_eq!(error.into_json(), "plain words");
    }

    #[test]
    fn an_outcome_that_does_not_fit_is_told_with_its_value() {
        let next = Next::new(|_: Value| Ok::<_, Error>(json!({"n": "seven"})));
        let error = next.run::<_, std::collections::BTreeMap<String, u8>>(&json!({}));
        assert_eq!(
            error.expect_err("no number").to_string(),
            "invalid outcome of the action inside: invalid type: string \"seven\", expected u8"
        );
    }
}
