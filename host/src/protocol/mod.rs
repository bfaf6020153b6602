//! OpenWhisk's action interface: what `/init` and `/run` carry, and the words
//! that its tests and users expect. Knows neither HTTP nor WebAssembly.
//!
//! OpenWhisk's `docs/actions-new.md` describes it; where the platform's code and
//! its tests say otherwise, they hold. `docs/protocol.md` names each place.

mod json;

pub use json::depth;

use crate::Error;
use bytes::Bytes;
use json::{Fields, Text, plain};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Ends an activation's log, once on each stream (`Container.scala`).
pub const SENTINEL: &str = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX";
/// Answer to an `/init` without code (`BasicActionRunnerTests`).
pub const MISSING_CODE: &str = "Missing main/no code to execute.";
/// Answer to a second `/init` (`BasicActionRunnerTests`).
pub const ALREADY_INITIALIZED: &str = "Cannot initialize the action more than once.";
/// Answer to a `/run` before any `/init` (openwhisk-runtime-nodejs).
pub const NOT_INITIALIZED: &str = "System not initialized.";
/// Answer to a `/run` while another runs and may not be joined
/// (openwhisk-runtime-nodejs, `NodeJsNonConcurrentTests`).
pub const STILL_RUNNING: &str = "System not ready, status is running.";
/// Answer to a `/run` whose `value` is a scalar (openwhisk-runtime-docker).
pub const NOT_AN_ARGUMENT: &str =
    "The action did not receive a dictionary or array as an argument.";
/// Answer when the result is neither an object nor an array
/// (`BasicActionRunnerTests`).
pub const NOT_A_DICTIONARY: &str = "The action did not return a dictionary or array.";
/// Answer when memory ran out (`ErrorResponse.scala`, `ActionLimitsTests`).
pub const MEMORY_EXHAUSTED: &str = "The action exhausted its memory and was aborted.";

/// OpenWhisk's words for an activation that ran too long
/// (`ErrorResponse.scala`, `ActionLimitsTests`).
pub fn timed_out(limit: Duration) -> String {
    format!("The action exceeded its time limits of {} milliseconds.", limit.as_millis())
}

/// OpenWhisk's words for a result that is too long (`ErrorResponse.scala`).
pub fn truncated_response(length: usize, limit: usize, start: &str) -> String {
    format!(
        "The action produced a response that exceeded the allowed length: {length} > {limit} \
         bytes. The truncated response was: {start}"
    )
}

/// OpenWhisk's words for a log that is too long (`ErrorResponse.scala`).
pub fn truncated_logs(limit: usize) -> String {
    format!("Logs were truncated because the total bytes size exceeds the limit of {limit} bytes.")
}

/// The environment of an action: names and values as `wasi:cli` hands them over.
pub type Environment = BTreeMap<String, String>;

/// An action as `/init` hands it over.
#[derive(Debug, PartialEq)]
pub struct Init {
    /// Its bare name, for logs; empty if the platform sent none.
    pub name: String,
    /// The entry point: `main` if the developer named none.
    pub main: String,
    /// The code as it was uploaded: base64, or other text.
    pub code: Bytes,
    /// Init parameters and the `__OW_*` of the first activation.
    pub environment: Environment,
}

impl Init {
    /// When the platform gives up, if it says so.
    pub fn deadline(&self, now: SystemTime) -> Option<SystemTime> {
        deadline(self.environment.get("__OW_DEADLINE")?, now)
    }

    /// Reads the body of an `/init`. Missing, null and unknown fields are tolerated, as
    /// OpenWhisk's own tests send them; without code it is refused.
    pub fn parse(body: &Bytes) -> Result<Self, Error> {
        Self::around_code(body).unwrap_or_else(|| Self::whole(body))
    }

    /// Any body, all of which is parsed.
    fn whole(body: &Bytes) -> Result<Self, Error> {
        let mut value = Value::read(body)
            .map_err(|e| Error::BadRequest(format!("the body of /init is not readable: {e}")))?;
        // A megabyte is not copied to be looked at.
        let code = match std::mem::take(&mut value.code.0) {
            Cow::Borrowed(text) => body.slice_ref(text.as_bytes()),
            Cow::Owned(text) => Bytes::from(text),
        };
        Self::of(value, code)
    }

    /// A body that has its code as platforms send it, a long string: what is around it is parsed
    /// as if it were empty. None if there is anything else to say of the body.
    fn around_code(body: &Bytes) -> Option<Result<Self, Error>> {
        let code =
            json::long_string(body).filter(|code| json::is_of("code", &body[..code.start]))?;
        let around = [&body[..code.start], &body[code.end..]].concat();
        let value = Value::read(&around).ok()?;
        // That it is the string there, and not another that is empty.
        let is_code = matches!(value.code.0, Cow::Borrowed(text)
            if text.is_empty() && std::ptr::eq(text.as_ptr(), around[code.start..].as_ptr()));
        is_code.then(|| Self::of(value, body.slice(code)))
    }

    fn of(value: Value<'_>, code: Bytes) -> Result<Self, Error> {
        if code.trim_ascii().is_empty() {
            return Err(Error::Refused(MISSING_CODE));
        }
        let main = if value.main.0.is_empty() { "main" } else { &value.main.0 };
        Ok(Self {
            main: main.to_owned(),
            name: value.name.0.into_owned(),
            environment: environment(value.env.unwrap_or_default())?,
            code,
        })
    }
}

/// What `/init` brings, as it is written.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Value<'a> {
    name: Text<'a>,
    main: Text<'a>,
    #[serde(borrow)]
    code: Text<'a>,
    env: Option<BTreeMap<String, Box<RawValue>>>,
}

impl<'a> Value<'a> {
    fn read(body: &'a [u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow, default)]
            value: Option<Value<'a>>,
        }
        let envelope = serde_json::from_slice::<Option<Envelope>>(body)?;
        Ok(envelope.and_then(|envelope| envelope.value).unwrap_or_default())
    }
}

/// One activation as `/run` asks for it.
#[derive(Debug, PartialEq)]
pub struct Run<'a> {
    /// The parameters: the JSON text of an object or an array, as it came.
    pub parameters: &'a str,
    /// The activation's context, already named `__OW_*`.
    pub environment: Environment,
    /// When the platform gives up, if it said so.
    pub deadline: Option<SystemTime>,
}

/// A deadline this old is none: OpenWhisk's own tests send `"123"`, and no
/// activation may take an hour.
const NO_DEADLINE_BEFORE: Duration = Duration::from_secs(60 * 60);

impl<'a> Run<'a> {
    /// Reads the body of a `/run` that arrived at `now`.
    pub fn parse(body: &'a [u8], now: SystemTime) -> Result<Self, Error> {
        let unreadable = |e| Error::BadRequest(format!("the body of /run is not readable: {e}"));
        let mut run = Self { parameters: "{}", environment: Environment::new(), deadline: None };
        for (key, value) in serde_json::from_slice::<Fields>(body).map_err(unreadable)?.0 {
            if key == "value" {
                run.parameters = match value.get().as_bytes() {
                    [b'{' | b'[', ..] => value.get(),
                    b"null" => "{}",
                    _ => return Err(Error::BadRequest(NOT_AN_ARGUMENT.to_owned())),
                };
                continue;
            }
            // Only what is plain is context: `action_version` may be null.
            let Some(text) = plain(value) else { continue };
            if key == "deadline" {
                run.deadline = deadline(&text, now);
            }
            let name = format!("__OW_{}", key.to_uppercase());
            if is_name(&name) && !text.contains('\0') {
                run.environment.insert(name, text.into_owned());
            }
        }
        Ok(run)
    }
}

/// The body of a `/run` for what a person posts: the parameters alone, or nothing.
pub(crate) fn plain_run(body: &[u8]) -> Result<Vec<u8>, Error> {
    let unreadable = |e| Error::BadRequest(format!("the body is not readable as JSON: {e}"));
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    let parameters: &RawValue = serde_json::from_slice(body).map_err(unreadable)?;
    Ok(format!("{{\"value\":{parameters}}}").into_bytes())
}

/// Milliseconds since 1970, as text or number.
fn deadline(text: &str, now: SystemTime) -> Option<SystemTime> {
    let deadline = UNIX_EPOCH.checked_add(Duration::from_millis(text.parse().ok()?))?;
    (deadline > now.checked_sub(NO_DEADLINE_BEFORE)?).then_some(deadline)
}

/// The `env` of an `/init`. OpenWhisk makes every value a string; other values
/// are written as it writes them (`WhiskAction.scala`).
fn environment(values: BTreeMap<String, Box<RawValue>>) -> Result<Environment, Error> {
    let bad = |problem: String| Error::BadRequest(format!("`env` of /init: {problem}"));
    values
        .into_iter()
        .map(|(name, value)| {
            if !is_name(&name) {
                return Err(bad(format!(
                    "{name:?} cannot name a variable: it is empty, or has `=` or a NUL in it"
                )));
            }
            let value = match plain(&value) {
                Some(text) => text.into_owned(),
                None if value.get() == "null" => String::new(),
                None => value.get().to_owned(),
            };
            if value.contains('\0') {
                return Err(bad(format!("the value of `{name}` has a NUL in it")));
            }
            Ok((name, value))
        })
        .collect()
}

/// What POSIX allows in the name of an environment variable.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

#[cfg(test)]
mod tests;
