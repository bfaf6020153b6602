//! `wow executor` from outside: its control socket, its containers' addresses, its
//! files. Ids: X for what tenants could do to each other, K for crashes, O for too
//! much, S for shutdown, W for OpenWhisk.

mod control;
mod crash;
mod cycles;
mod lifecycle;
mod logs;
mod tenants;

use crate::{code, error};
use serde_json::{Value, json};
use tempfile::TempDir;
use wow_tests::executor::{Executor, Virtual};

/// An executor in a folder that goes when it does.
fn start() -> (TempDir, Executor) {
    start_with(&[])
}

fn start_with(arguments: &[&str]) -> (TempDir, Executor) {
    let folder = tempfile::tempdir().unwrap();
    let executor = Executor::start_with(folder.path(), arguments);
    (folder, executor)
}

/// A container with a built guest.
fn loaded(executor: &Executor, name: &str, guest: &str) -> Virtual {
    let container = executor.named(name);
    container.load(&code(guest));
    container
}

fn gone() -> (u16, Value) {
    (503, error("there is no container at this address"))
}

fn hello() -> (u16, Value) {
    (200, json!({ "greeting": "Hello, Ada!" }))
}

/// Parameters at which `hello` says [`hello`].
fn ada() -> Value {
    json!({ "name": "Ada" })
}
