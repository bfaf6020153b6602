//! One run of one action, in a store of its own.

use crate::Error;
use crate::actions::Action;
use crate::call::{Answer, Input};
use crate::capabilities::State;
use crate::component::Shape;
use crate::error::{ActionError, Busy};
use crate::library::Library;
use crate::limits::{
    Allowance, Bill, Deadline, Ledger, Limits, MOST_OWN_HANDLES, Meter, Others, Refused, Stopwatch,
};
use crate::logs::Logs;
use crate::outcome::{self, in_words};
use crate::protocol::Run;
use crate::{component, program, telemetry, web};
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument as _;
use wasmtime::component::ResourceTableError;
use wasmtime::{
    PoolConcurrencyLimitError, Store, StoreContextMut, Trap, UpdateDeadline, WasmBacktrace,
};
use wasmtime_wasi::I32Exit;

pub use crate::outcome::Outcome;

/// Runs `action` once, and says what it took. Nothing of the activation outlives
/// this call but its outcome, its `logs`, and for a moment the memory of a small one (`leaving`).
pub async fn run(
    action: &Action,
    run: &Run<'_>,
    library: &Library,
    allowance: &Allowance,
    deadline: Deadline,
    logs: &Logs,
) -> (Result<Outcome, Error>, Bill) {
    let start = Instant::now();
    let span = telemetry::activation(action, run);
    let mut bill = Bill { input: run.parameters.len(), ..Bill::default() };
    // Apart: who holds this future moves it, and so would move all that an activation holds.
    let activate = Box::pin(activate(action, run, library, allowance, deadline, logs, &mut bill));
    let outcome = activate.instrument(span.clone()).await;
    if let Ok(Outcome::Success(json) | Outcome::ApplicationError(json)) = &outcome {
        bill.output = json.len();
    }
    bill.log = logs.written();
    bill.wall = start.elapsed();
    telemetry::record(&span, &outcome, &bill);
    (outcome, bill)
}

async fn activate(
    action: &Action,
    run: &Run<'_>,
    library: &Library,
    allowance: &Allowance,
    deadline: Deadline,
    logs: &Logs,
    bill: &mut Bill,
) -> Result<Outcome, Error> {
    if deadline.is_over() {
        return Err(ActionError::Deadline { limit: deadline.limit }.into());
    }
    let Allowance { limits, ledger } = allowance;
    let loaded = action.code.wake(library)?;
    let slot = library.machinery().admission.enter(loaded.share, loaded.memory, ledger)?;
    let mut meter = Meter::new(limits.memory, ledger);
    // No instance is there yet: a wrong input is its caller's fault, and costs nothing.
    let input = match Input::read(&action.entry, run.parameters, &mut meter) {
        Ok(input) => input,
        Err(problem) => return unfit(&problem, &meter, limits, ledger),
    };
    let stopwatch = Arc::new(Stopwatch::default());
    let clocks = (deadline, limits.cpu, Arc::clone(&stopwatch));
    // What the run brings wins: a name twice would be the guest's riddle.
    let older = action.environment.iter().filter(|(name, _)| !run.environment.contains_key(*name));
    let environment = older.chain(&run.environment);
    let console = input.console(&action.name, limits, logs);
    let caller = [&run.environment, &action.environment];
    let caller = caller.iter().find_map(|environment| environment.get("__OW_NAMESPACE"));
    let grant = (&action.grant, caller);
    let state = State::open(environment, grant, console, logs, meter, clocks);
    let mut store = Store::new(&library.machinery().engine, state);
    store.limiter(|state| &mut state.meter);
    store.set_hostcall_fuel(input.fuel(limits.result));
    store.set_max_component_handles(MOST_OWN_HANDLES);
    // The epoch makes a busy guest yield and look at its clocks, the timer ends one that waits.
    let _ticking = library.machinery().ticker.run();
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(tick);

    let called = {
        let call = pin!(input.call(&loaded, &action.entry, limits, &mut store));
        tokio::time::timeout_at(deadline.end.into(), stopwatch.time(call)).await
    };
    bill.cpu = stopwatch.used();
    bill.memory = store.data().meter.held();
    // While it has its slot: no more is left to be removed than may run.
    store.data_mut().close().await;
    let outcome = match called {
        Err(_) => Err(ActionError::Deadline { limit: deadline.limit }.into()),
        Ok(Ok(answer)) => judge(answer, limits, logs).map_err(Error::from),
        Ok(Err(error)) => Err(fault(&error, action, limits, store.data(), logs)),
    };
    // A program holds its parameters once more, as its stdin.
    let may_wait = loaded.share == 1
        && !action.grant.reaches_outside()
        && !matches!(action.entry.shape, Shape::Program);
    library.machinery().leaving.free(store, slot, may_wait);
    outcome
}

/// What a guest that computes does every millisecond.
fn tick(store: StoreContextMut<'_, State>) -> wasmtime::Result<UpdateDeadline> {
    let state = store.data();
    state.stopwatch.tick();
    if state.deadline.is_over() || state.cpu_limit_reached().is_some() {
        return Ok(UpdateDeadline::Interrupt);
    }
    // wasmtime's own yield only wakes itself again: timers and sockets would starve.
    Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
}

/// What the guest gave as the platform will read it.
fn judge(answer: Answer<'_>, limits: &Limits, logs: &Logs) -> Result<Outcome, ActionError> {
    match answer {
        Answer::Json(result) => outcome::judge(result, limits, logs),
        Answer::Typed(function, value) => {
            outcome::written(function.write(value.as_ref(), limits.result), limits)
        }
        Answer::Http(form, received) => web::outcome(form, received, limits, logs),
        Answer::Exit(status) => program::outcome(status, limits, logs),
    }
}

/// What is said of parameters that are not what the function takes.
fn unfit(problem: &str, meter: &Meter, limits: &Limits, ledger: &Ledger) -> Result<Outcome, Error> {
    match meter.refused() {
        None => Ok(in_words(problem)),
        Some(Refused { others: None, .. }) => {
            let limit = limits.memory.div_ceil(1 << 20);
            Ok(in_words(&format!("{problem}: the action's limit is {limit} MB")))
        }
        // Another time there is room for it.
        Some(Refused { others: Some(Others::OfContainer(held)), .. }) => {
            Err(Busy::Memory { held, limit: ledger.limit() }.into())
        }
        Some(Refused { others: Some(Others::OfHost { held, limit }), .. }) => {
            Err(Busy::Host { held, limit }.into())
        }
    }
}

/// Why a call failed. Nearly all of it is the action's fault: what the host does on
/// its behalf answers with error codes of WASI, not with a trap.
fn fault(
    error: &wasmtime::Error,
    action: &Action,
    limits: &Limits,
    state: &State,
    logs: &Logs,
) -> Error {
    if state.deadline.is_over() {
        return ActionError::Deadline { limit: state.deadline.limit }.into();
    }
    if let Some(limit) = state.cpu_limit_reached() {
        return ActionError::Cpu { limit }.into();
    }
    // Admission counts so that this cannot be; should it count wrong, the action is not to blame.
    if error.is::<PoolConcurrencyLimitError>() {
        return Busy::Pool(error.root_cause().to_string()).into();
    }
    if let Some(refused) = state.meter.refused() {
        explain_memory(refused, action, limits, logs);
        return ActionError::Memory.into();
    }
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return ActionError::Exit(*status).into();
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return ActionError::Handles.into();
    }
    let why = match error.downcast_ref::<Trap>() {
        // So ends a guest without exceptions that gave up, and its last words say why.
        Some(Trap::UnreachableCodeReached) if let Some(line) = logs.last_line() => line,
        Some(trap) => trap.to_string().replace("wasm trap: ", ""),
        None => error.root_cause().to_string(),
    };
    match trapped_in(error) {
        Some(part) => ActionError::TrapInside { part, why }.into(),
        None => ActionError::Trap(why).into(),
    }
}

/// The part of a composed action that trapped, where `wow compose` made it.
fn trapped_in(error: &wasmtime::Error) -> Option<String> {
    let frame = error.downcast_ref::<WasmBacktrace>()?.frames().first()?;
    component::part(frame.module().name()?)
}

/// Says in the log how much was asked for and what to do: the platform's own words
/// for the reply say neither.
fn explain_memory(refused: Refused, action: &Action, limits: &Limits, logs: &Logs) {
    let megabytes = |bytes: usize| bytes.div_ceil(1 << 20);
    let (asked, limit) = (megabytes(refused.wanted.get()), megabytes(limits.memory));
    let memory = match refused.others {
        None => {
            logs.note(&format!(
                "the action asked for {asked} MB of memory, its limit is {limit} MB"
            ));
            asked
        }
        Some(Others::OfContainer(others)) => {
            let others = megabytes(others);
            logs.note(&format!(
                "the action asked for {asked} MB of memory while others of its container held \
                 {others} MB of the {limit} MB that they have together"
            ));
            asked + others
        }
        // Nothing that its developer could change.
        Some(Others::OfHost { held, limit }) => {
            let (held, limit) = (megabytes(held), megabytes(limit));
            return logs.note(&format!(
                "the action asked for {asked} MB of memory while others held {held} MB of the \
                 {limit} MB of this host"
            ));
        }
    };
    logs.note(&format!(
        "hint: raise it with `wsk action update {} --memory {}`",
        action.name,
        memory.next_power_of_two()
    ));
}
