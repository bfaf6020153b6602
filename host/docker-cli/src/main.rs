//! `wow-docker`: in Docker's place on OpenWhisk's invoker. One process for each
//! command that the invoker runs, one request to `wow executor`, one answer in
//! the form that the invoker reads. Knows nothing of WebAssembly; the containers,
//! their files and addresses are the executor's.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on panics"))]

mod answer;
mod arguments;
mod commands;
mod config;
mod control;
mod docker;
mod record;
mod runc;
mod template;

use answer::{Answer, Failure};
use config::Config;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args();
    let called = words.next().unwrap_or_default();
    let words: Vec<String> = words.collect();
    answer(&called, &words).unwrap_or_else(Answer::from).give()
}

/// Does what was asked, under the name that it was asked by.
fn answer(called: &str, words: &[String]) -> Result<Answer, Failure> {
    // OpenWhisk tells a failed `run` from a missing program by 125.
    let failed = if words.first().is_some_and(|word| word == "run") { 125 } else { 1 };
    let config = Config::read().map_err(|words| Failure { words, code: failed })?;
    let name = called.rsplit('/').next().unwrap_or(called);
    if runc::NAMES.contains(&name) {
        runc::answer(&config, words)
    } else {
        commands::answer(&config, words)
    }
}
