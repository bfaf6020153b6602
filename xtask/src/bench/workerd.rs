//! workerd, as a peer: from npm, in a version of its own.

use super::wasmtime::FOLDER;
use anyhow::{Context as _, ensure};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the table was made with: a newer one is another peer.
const VERSION: &str = "1.20261117.1";
/// One worker, beside this file.
const CONFIG: &str = "xtask/src/bench/workerd/config.capnp";

/// Finds the program where we have installed it, or installs it there.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    // The package `workerd` is a script that starts this one.
    let platform = match std::env::consts::ARCH {
        "x86_64" => "linux-64",
        "aarch64" => "linux-arm64",
        other => anyhow::bail!("workerd is not made for {other}"),
    };
    let package = format!("@cloudflare/workerd-{platform}");
    let folder = Path::new(FOLDER).join("node_modules").join(&package);
    let program = folder.join("bin/workerd");
    if !is_installed(&folder) {
        let install = ["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"];
        let output = Command::new("npm")
            .args(install)
            .args(["--ignore-scripts", "--prefix", FOLDER])
            .arg(format!("{package}@{VERSION}"))
            .output()
            .context("npm is not installed")?;
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().last().unwrap_or_default();
        ensure!(output.status.success(), "npm cannot install workerd: {line}");
    }
    Ok(program)
}

/// The version that npm wrote down: the program knows only a date.
fn is_installed(folder: &Path) -> bool {
    let text = std::fs::read_to_string(folder.join("package.json"));
    let package = text.ok().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    package.is_some_and(|package| package["version"] == VERSION)
}

/// What starts it, to listen there.
pub(crate) fn server(program: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(program);
    command.args(["serve", CONFIG, "--socket-addr", &format!("http={address}")]);
    command
}
