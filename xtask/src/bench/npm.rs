//! Peers from npm, each in a version of its own.

use super::wasmtime::FOLDER;
use anyhow::{Context as _, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where their packages are.
pub(crate) fn modules() -> PathBuf {
    Path::new(FOLDER).join("node_modules")
}

/// Finds a package where we have installed it, or installs it there.
pub(crate) fn package(name: &str, version: &str) -> anyhow::Result<PathBuf> {
    let folder = modules().join(name);
    if !is_installed(&folder, version) {
        // What the last one brought stays: without that npm takes it away.
        let install =
            ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", FOLDER];
        let output = Command::new("npm")
            .args(install)
            .args(["--save-exact", &format!("{name}@{version}")])
            .output()
            .context("npm is not installed")?;
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().last().unwrap_or_default();
        ensure!(output.status.success(), "npm cannot install {name}: {line}");
    }
    Ok(folder)
}

/// The version that npm wrote down: not every program knows its own.
fn is_installed(folder: &Path, version: &str) -> bool {
    let text = std::fs::read_to_string(folder.join("package.json"));
    let package = text.ok().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    package.is_some_and(|package| package["version"] == version)
}
