//! workerd, as a peer: from npm, in a version of its own.

use super::npm;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the table was made with: a newer one is another peer.
const VERSION: &str = "1.20261117.1";
/// One worker, beside this file.
const CONFIG: &str = "xtask/src/bench/workerd/config.capnp";

/// Finds the program, or installs it.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    // The package `workerd` is a script that starts this one.
    let platform = match std::env::consts::ARCH {
        "x86_64" => "linux-64",
        "aarch64" => "linux-arm64",
        other => anyhow::bail!("workerd is not made for {other}"),
    };
    let folder = npm::package(&format!("@cloudflare/workerd-{platform}"), VERSION)?;
    Ok(folder.join("bin/workerd"))
}

/// What starts it, to listen there.
pub(crate) fn server(program: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(program);
    command.args(["serve", CONFIG, "--socket-addr", &format!("http={address}")]);
    command
}
