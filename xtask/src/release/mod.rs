//! The programs as they are released: static, and shaped by a profile of what they do.
//! The benches measure these, each built alone: the features of one must not become those
//! of another.

mod order;
pub(crate) mod profile;

use crate::{cargo, cargo_command, command};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wow_tests::process::programs;

/// Where [`run`] puts them.
const FOLDER: &str = "target/dist";

/// Builds all three, or the one that takes a minute, and says where they are.
pub(crate) fn run(docker_only: bool) -> anyhow::Result<()> {
    fs::create_dir_all(FOLDER)?;
    let mut programs = vec![docker_cli()?];
    if !docker_only {
        programs.extend([wow()?, compiler()?]);
    }
    for program in programs {
        let released = Path::new(FOLDER).join(program.file_name().unwrap_or_default());
        // A program that runs is replaced, not written to.
        let _ = fs::remove_file(&released);
        // Functions keep their names, for backtraces and `perf`; lines are four fifths of the file. Where
        // something was linked there is `strip`.
        let mut strip = Command::new("strip");
        strip.arg("--strip-debug").arg(&program).arg("-o").arg(&released);
        command(&mut strip, &format!("{} without lines", released.display()))?;
        println!("{}", released.display());
    }
    Ok(())
}

/// `wow` for servers: one file that needs no other, so that an image can hold it alone and its start waits
/// for no linker; without the commands of developers.
pub(crate) fn wow() -> anyhow::Result<PathBuf> {
    alone("wow", "wow")
}

/// `wow-compile`.
fn compiler() -> anyhow::Result<PathBuf> {
    build("wow-compile", "wow-compile", "release", STATIC, &[])
}

/// `wow-docker`: small, and static, so that no linker runs at its start.
pub(crate) fn docker_cli() -> anyhow::Result<PathBuf> {
    build("wow-docker", "wow-docker", "docker-cli", STATIC, &[])
}

/// A program that is measured beside `wow`, or in its place, built as that is.
pub(crate) fn alone(package: &str, program: &str) -> anyhow::Result<PathBuf> {
    shaped(package, program, &order::flags()?)
}

/// Built with the profile, and with what the last call of the compiler is told.
fn shaped(package: &str, program: &str, last: &[String]) -> anyhow::Result<PathBuf> {
    let flags = format!("{STATIC} {}", profile::flags()?);
    let built = build(package, program, "release", &flags, last)?;
    profile::check(&built)?;
    Ok(built)
}

/// Static programs have a folder of their own: cargo would take one and that of another linkage
/// for the same, and build each anew after the other.
fn build(
    package: &str,
    program: &str,
    profile: &str,
    flags: &str,
    last: &[String],
) -> anyhow::Result<PathBuf> {
    let target = target();
    let mut cargo = cargo_command();
    cargo.args(["rustc", "--locked", "--profile", profile, "--target", &target]);
    cargo.args(["-p", package, "--bin", program, "--no-default-features"]).args(last);
    cargo.env("RUSTFLAGS", flags);
    command(&mut cargo, &format!("a static {program}"))?;
    Ok(programs().with_file_name(target).join(profile).join(program))
}

/// With `--target` the flags are for the programs alone, and not for the procedural macros that
/// the compiler loads.
fn target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// Relocations are packed: as a plain table those of `wow` are 600 KB that every start reads.
/// glibc knows them so from 2.36 on.
const STATIC: &str = "-Ctarget-feature=+crt-static -Clink-arg=-Wl,-z,pack-relative-relocs";

/// `wow-compile` as the tests use it: the code that it writes does not depend on how it was
/// built itself, and its release takes a quarter of an hour.
pub(crate) fn development_compiler() -> anyhow::Result<PathBuf> {
    cargo(&["build", "--locked", "-p", "wow-compile"])?;
    Ok(programs().join("wow-compile"))
}
