//! Builds what is measured beside the programs that are released.

pub(crate) use crate::release::{development_compiler as compiler, docker_cli, wow};

use crate::cargo_command;
use crate::release::alone;
use anyhow::ensure;
use std::path::{Path, PathBuf};
use wow_tests::process::programs;

/// `wow` as developers have it, with their commands.
pub(crate) fn developers() -> anyhow::Result<PathBuf> {
    crate::programs()?;
    Ok(programs().join("wow"))
}

/// The bare server.
pub(crate) fn bare() -> anyhow::Result<PathBuf> {
    alone("wow-tests", "bare")
}

/// `host/benches/src/bin/many.rs`.
pub(crate) fn many() -> anyhow::Result<PathBuf> {
    alone("wow-benches", "many")
}

/// `host/benches/src/bin/inside.rs`.
pub(crate) fn inside() -> anyhow::Result<PathBuf> {
    alone("wow-benches", "inside")
}

/// What a guest computes, compiled for this machine from the same source and with
/// the same profile.
pub(crate) fn native(guest: &str) -> anyhow::Result<PathBuf> {
    eprintln!("== {guest} for this machine");
    let folder = Path::new("target/guests-native");
    let example = format!("native_{guest}");
    let status = cargo_command()
        .args(["build", "--locked", "--release", "-p", guest, "--example", &example])
        .args(["--manifest-path", "guests/Cargo.toml", "--target-dir"])
        .arg(folder)
        .status()?;
    ensure!(status.success(), "{guest} cannot be built for this machine: {status}");
    Ok(folder.join("release/examples").join(example))
}
