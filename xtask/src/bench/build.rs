//! Builds what is measured, each program alone: the features of one must not
//! become those of another.

use crate::{cargo, cargo_command, command};
use anyhow::ensure;
use std::path::{Path, PathBuf};
use wow_tests::process::programs;

/// `wow`, as it is released: one file that needs no other, so that an image can hold it alone
/// and its start waits for no linker.
pub(crate) fn wow() -> anyhow::Result<PathBuf> {
    alone("wow", "wow")
}

/// `wow-compile` as the tests use it: the code that it writes does not depend on how
/// it was built itself, and a release of it takes a quarter of an hour.
pub(crate) fn compiler() -> anyhow::Result<PathBuf> {
    cargo(&["build", "--locked", "-p", "wow-compile"])?;
    Ok(programs().join("wow-compile"))
}

/// `wow-docker` as it is released: small, and static, so that no linker runs at its start.
pub(crate) fn docker_cli() -> anyhow::Result<PathBuf> {
    let program = ["rustc", "--locked", "--profile", "docker-cli", "-p", "wow-docker"];
    cargo(
        &[&program[..], &["--bin", "wow-docker", "--", "-Ctarget-feature=+crt-static"]].concat(),
    )?;
    Ok(programs().with_file_name("docker-cli").join("wow-docker"))
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

/// A release that is linked statically, in a folder of its own: cargo would take it and the one of
/// another linkage for the same program, and build each anew after the other. Its relocations are
/// packed: as a plain table those of `wow` are 600 KB that every start reads.
fn alone(package: &str, program: &str) -> anyhow::Result<PathBuf> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let arguments = ["build", "--locked", "--release", "--target", &target];
    let mut cargo = cargo_command();
    cargo.args(arguments).args(["-p", package, "--bin", program]).env("RUSTFLAGS", STATIC);
    command(&mut cargo, &format!("a static {program}"))?;
    Ok(programs().with_file_name(target).join("release").join(program))
}

/// What `deploy/docker/runtime.Dockerfile` has as well.
const STATIC: &str = "-Ctarget-feature=+crt-static -Clink-arg=-Wl,-z,pack-relative-relocs";

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
