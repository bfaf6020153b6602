//! `wasmtime serve`, as a peer: the command-line program of the version that we embed.

use super::machine;
use crate::cargo;
use anyhow::Context as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where peers are that nobody else installed.
pub(crate) const FOLDER: &str = "target/peers";

/// What serves a component, and no more: it takes ten minutes to build as it is.
const FEATURES: &str = "run,serve,cranelift,component-model-async,pooling-allocator";

/// What makes it fast where instances are many, as far as its options go.
pub(crate) const TUNED: &str = "pooling-allocator=y,pooling-memory-keep-resident=1048576,\
    pooling-table-keep-resident=65536,pooling-pagemap-scan=y";

/// Finds the program, the user's or ours, or installs it.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    let version = machine::locked("wasmtime").context("Cargo.lock has no wasmtime")?;
    let ours = format!("{FOLDER}/bin/wasmtime");
    let found = |program: &&str| machine::version(program).as_ref() == Some(&version);
    if let Some(program) = ["wasmtime", &ours].iter().find(|program| found(program)) {
        return Ok(program.into());
    }
    let package = ["install", "--locked", "wasmtime-cli", "--version", &version, "--root", FOLDER];
    cargo(&[&package[..], &["--no-default-features", "--features", FEATURES]].concat())?;
    Ok(ours.into())
}

/// What starts it, to listen there. The component is compiled at its start.
pub(crate) fn server(
    program: &Path,
    component: &Path,
    options: Option<&str>,
    address: SocketAddr,
) -> Command {
    let mut command = Command::new(program);
    command.args(["serve", "--addr", &address.to_string()]);
    // The standard library imports the environment and the exit of a command.
    command.args(["-S", "cli"]);
    if let Some(options) = options {
        command.args(["-O", options]);
    }
    command.arg(component);
    command
}
