//! A program: what it is started with, and what its exit and its last line mean. As
//! OpenWhisk's own image for executables has it (`actionproxy.py` of
//! openwhisk-runtime-docker): parameters on stdin and as the first argument, the
//! result on the last line of stdout.

use crate::capabilities::{Console, State};
use crate::error::ActionError;
use crate::limits::Limits;
use crate::logs::{Line, Logs};
use crate::outcome::{self, Outcome};
use bytes::Bytes;
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, Instance};
use wasmtime_wasi::I32Exit;

/// The longest argument of a process on Linux (`MAX_ARG_STRLEN` less its NUL), which
/// is also OpenWhisk's: longer parameters are on stdin alone.
const LARGEST_ARGUMENT: usize = 131_071;

/// What a program is started with: its action's name and its parameters.
pub(crate) fn console(name: &str, parameters: &str) -> Console {
    let mut arguments = vec![if name.is_empty() { "action" } else { name }.to_owned()];
    if parameters.len() <= LARGEST_ARGUMENT {
        arguments.push(parameters.to_owned());
    }
    Console { arguments, stdin: Bytes::copy_from_slice(parameters.as_bytes()) }
}

/// Runs a program to its exit, and gives its status.
pub(crate) async fn call(
    instance: Instance,
    index: &ComponentExportIndex,
    store: &mut Store<State>,
) -> wasmtime::Result<i32> {
    let run = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut *store, index)?;
    let error = match run.call_async(&mut *store, ()).await {
        Ok((Ok(()),)) => return Ok(0),
        Ok((Err(()),)) => wasmtime::Error::new(I32Exit(1)),
        Err(error) => error,
    };
    match error.downcast_ref() {
        // A program that got no memory says so by its status: the limit says it better.
        Some(I32Exit(status)) if *status == 0 || store.data().meter.refused().is_none() => {
            Ok(*status)
        }
        _ => Err(error),
    }
}

/// What came of a program that exited. The line that is its result is not in its log.
pub(crate) fn outcome(status: i32, limits: &Limits, logs: &Logs) -> Result<Outcome, ActionError> {
    if status != 0 {
        let tail = logs.tail();
        let tail = tail.as_deref().unwrap_or("it wrote nothing to stderr");
        return Ok(outcome::in_words(&format!("the program exited with status {status}: {tail}")));
    }
    let line = match logs.kept() {
        Some(Line::Held(line)) => String::from_utf8_lossy(&line).trim().to_owned(),
        Some(Line::TooLong(length, start)) => {
            return Ok(outcome::too_long(length, &String::from_utf8_lossy(&start), limits));
        }
        None => String::new(),
    };
    let outcome = outcome::judge(Ok(line), limits, logs)?;
    logs.forget_kept();
    Ok(outcome)
}
