//! The operator's log: where it goes, and one span for each activation.
//!
//! It is quiet by default. What stands on stderr between an activation's lines and
//! its sentinel would be taken for the action's.

use crate::Error;
use crate::actions::Action;
use crate::activation::Outcome;
use crate::limits::Bill;
use crate::metrics;
use crate::protocol::Run;
use std::io::IsTerminal as _;
use tracing::field::Empty;
use tracing::{Level, Span};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts the log on stderr: `WOW_LOG` says what is logged, `WOW_LOG_FORMAT=json`
/// that each event is a line of JSON.
pub(crate) fn start() {
    let told = std::env::var("WOW_LOG").ok().filter(|told| !told.is_empty());
    let told = told.map(|told| told.parse::<Targets>().map_err(|cause| (told, cause)));
    let quiet = || Targets::new().with_default(Level::ERROR).with_target("wow", Level::WARN);
    let (filter, wrong) = match told {
        None => (quiet(), None),
        Some(Ok(filter)) => (filter, None),
        Some(Err(wrong)) => (quiet(), Some(wrong)),
    };
    let log = tracing_subscriber::fmt::layer()
        // An activation is one event: when it ends, with all that is known then.
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    if std::env::var_os("WOW_LOG_FORMAT").is_some_and(|format| format == "json") {
        registry.with(log.json()).init();
    } else {
        registry.with(log).init();
    }
    if let Some((told, cause)) = wrong {
        tracing::warn!("WOW_LOG is `{told}`, which is no filter: {cause}");
    }
}

/// The span of one activation, with the platform's names for it.
pub(crate) fn activation(action: &Action, run: &Run<'_>) -> Span {
    let name = |name: &str| run.environment.get(name).map(String::as_str);
    tracing::info_span!(
        "activation",
        action = action.name,
        activation = name("__OW_ACTIVATION_ID"),
        transaction = name("__OW_TRANSACTION_ID"),
        outcome = Empty,
        cpu_us = Empty,
        wall_us = Empty,
        memory = Empty,
        input = Empty,
        output = Empty,
        log = Empty,
    )
}

/// Adds what came of it, and what it took.
pub(crate) fn record(span: &Span, outcome: &Result<Outcome, Error>, bill: &Bill) {
    if span.is_disabled() {
        return;
    }
    span.record("outcome", metrics::outcome(outcome));
    let microseconds = |time: std::time::Duration| u64::try_from(time.as_micros()).ok();
    span.record("cpu_us", microseconds(bill.cpu));
    span.record("wall_us", microseconds(bill.wall));
    span.record("memory", bill.memory);
    span.record("input", bill.input);
    span.record("output", bill.output);
    span.record("log", bill.log);
}
