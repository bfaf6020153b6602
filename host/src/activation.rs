//! One run of one action, in a store of its own.

use crate::Error;
use crate::actions::Action;
use crate::capabilities::State;
use crate::error::ActionError;
use crate::library::{Library, Loaded};
use crate::limits::{Deadline, Limits, Meter};
use crate::logs::Logs;
use crate::protocol::{self, Environment, Run};
use serde_json::value::RawValue;
use wasmtime::{Store, Trap, UpdateDeadline};
use wasmtime_wasi::I32Exit;

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
const LONGEST_EXCERPT: usize = 1000;

/// Runs `action` once. Nothing of the activation outlives this call but its
/// outcome and its `logs`.
pub async fn run(
    action: &Action,
    run: &Run<'_>,
    library: &Library,
    limits: &Limits,
    deadline: Deadline,
    logs: &Logs,
) -> Result<Outcome, Error> {
    if deadline.is_over() {
        return Err(ActionError::Deadline { limit: deadline.limit }.into());
    }
    let loaded = action.code.wake(library)?;
    let mut environment: Environment = action.environment.clone();
    environment.extend(run.environment.clone());
    let state = State::open(&environment, logs, Meter::new(limits.memory), deadline);
    let mut store = Store::new(&library.machinery().engine, state);
    store.limiter(|state| &mut state.meter);
    // A guest's strings count against this before they are copied: twice the result leaves
    // room for one that is only a little too long to be shown.
    store.set_hostcall_fuel(limits.result.saturating_mul(2));
    // The epoch makes a busy guest yield and look at the clock, the timer ends one that waits.
    let _ticking = library.machinery().ticker.run();
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|store| {
        if store.data().deadline.is_over() {
            return Ok(UpdateDeadline::Interrupt);
        }
        // wasmtime's own yield only wakes itself again: timers and sockets would starve.
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });

    let call = call(&loaded, run.parameters, &mut store);
    match tokio::time::timeout_at(deadline.end.into(), call).await {
        Err(_) => Err(ActionError::Deadline { limit: deadline.limit }.into()),
        Ok(Ok(result)) => judge(result, limits, logs).map_err(Error::from),
        Ok(Err(error)) => Err(fault(&error, action, limits, store.data(), logs).into()),
    }
}

async fn call(
    loaded: &Loaded,
    parameters: &str,
    store: &mut Store<State>,
) -> wasmtime::Result<Result<String, String>> {
    let instance = loaded.pre.instantiate_async(&mut *store).await?;
    let run =
        instance.get_typed_func::<(&str,), (Result<String, String>,)>(&mut *store, &loaded.run)?;
    let (result,) = run.call_async(&mut *store, (parameters,)).await?;
    Ok(result)
}

/// The guest's JSON as the platform will read it.
fn judge(
    result: Result<String, String>,
    limits: &Limits,
    logs: &Logs,
) -> Result<Outcome, ActionError> {
    let (Ok(text) | Err(text)) = &result;
    if text.len() > limits.result {
        let end = (0..=LONGEST_EXCERPT).rev().find(|end| text.is_char_boundary(*end));
        let excerpt = &text[..end.unwrap_or(0)];
        let error = protocol::truncated_response(text.len(), limits.result, excerpt);
        return Ok(Outcome::ApplicationError(serde_json::Value::from(error).to_string()));
    }
    let checked = well_formed(text);
    match (result, checked) {
        (Ok(text), Ok(())) if text.trim_ascii_start().starts_with(['{', '[']) => {
            Ok(Outcome::Success(text))
        }
        (Ok(_), Ok(())) => Err(ActionError::NotADictionary),
        (Ok(_), Err(problem)) => {
            logs.note(&format!("the action's result is not JSON: {problem}"));
            Err(ActionError::NotADictionary)
        }
        (Err(text), Ok(())) => Ok(Outcome::ApplicationError(text)),
        // A guest's plain words are an error all the same.
        (Err(text), Err(_)) => {
            Ok(Outcome::ApplicationError(serde_json::Value::from(text).to_string()))
        }
    }
}

/// Whether a text is JSON that every reader can read.
fn well_formed(text: &str) -> Result<(), String> {
    serde_json::from_str::<&RawValue>(text).map_err(|e| e.to_string())?;
    let depth = protocol::depth(text);
    if depth > DEEPEST_RESULT {
        return Err(format!("it is nested {depth} deep, more than {DEEPEST_RESULT}"));
    }
    Ok(())
}

/// Why a call failed. All of it is the action's fault: what the host does on its
/// behalf answers with error codes of WASI, not with a trap.
fn fault(
    error: &wasmtime::Error,
    action: &Action,
    limits: &Limits,
    state: &State,
    logs: &Logs,
) -> ActionError {
    if state.deadline.is_over() {
        return ActionError::Deadline { limit: state.deadline.limit };
    }
    if let Some(asked) = state.meter.refused() {
        let megabytes = |bytes: usize| bytes.div_ceil(1 << 20);
        let (limit, asked) = (megabytes(limits.memory), megabytes(asked));
        logs.note(&format!("the action asked for {asked} MB of memory, its limit is {limit} MB"));
        logs.note(&format!(
            "hint: raise it with `wsk action update {} --memory {}`",
            action.name,
            asked.next_power_of_two()
        ));
        return ActionError::Memory;
    }
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return ActionError::Exit(*status);
    }
    match error.downcast_ref::<Trap>() {
        // So ends a guest without exceptions that gave up, and its last words say why.
        Some(Trap::UnreachableCodeReached) if let Some(line) = logs.last_line() => {
            ActionError::Trap(line)
        }
        Some(trap) => ActionError::Trap(trap.to_string().replace("wasm trap: ", "")),
        None => ActionError::Trap(error.root_cause().to_string()),
    }
}
