//! The user's Node.js, and what npm installs of a lock file.

use crate::fresh::modified;
use anyhow::{Context as _, ensure};
use std::path::Path;
use std::process::Command;

/// Whether Node.js 20, or a newer one, is here with its npm.
pub(crate) fn is_there() -> bool {
    let major = |program| {
        let output = Command::new(program).arg("--version").output().ok()?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        version.trim_start_matches('v').split('.').next()?.parse::<u32>().ok()
    };
    major("node") >= Some(20) && major("npm").is_some()
}

/// Brings what a folder's lock file says, exactly.
pub(crate) fn install(folder: &Path) -> anyhow::Result<()> {
    // npm writes it last.
    let installed = modified(&folder.join("node_modules/.package-lock.json"));
    if installed
        .is_some_and(|installed| Some(installed) >= modified(&folder.join("package-lock.json")))
    {
        return Ok(());
    }
    run(Command::new("npm").args(["ci", "--no-progress"]).current_dir(folder), "npm ci")
}

/// Runs a program of Node.js to its good end.
pub(crate) fn run(command: &mut Command, name: &str) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("cannot run {name}"))?;
    ensure!(status.success(), "{name} failed: {status}");
    Ok(())
}
