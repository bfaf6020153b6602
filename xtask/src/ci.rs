//! What CI checks beside the tests, in the order that fails soonest.

use crate::{cargo, cargo_command, command};

/// The version that reads this repository's `deny.toml`.
const CARGO_DENY: &str = "0.20.2";

pub(crate) fn run() -> anyhow::Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    let guests = ["fmt", "--all", "--check", "--manifest-path", "guests/Cargo.toml"];
    cargo(&guests)?;
    licences()?;
    let strict = ["--locked", "--all-targets", "--", "-D", "warnings"];
    cargo(&[&["clippy", "-p", "wow-compile"], &strict[..]].concat())?;
    cargo(&[&["clippy"], &strict[..]].concat())?;
    // As it is released: without the commands of developers.
    let server = ["clippy", "--locked", "-p", "wow", "--no-default-features"];
    cargo(&[&server[..], &["--", "-D", "warnings"]].concat())?;
    documentation()
}

/// Warnings of rustdoc are errors: a broken link is a broken promise.
fn documentation() -> anyhow::Result<()> {
    for package in [&["-p", "wow-compile"][..], &[]] {
        let arguments = [&["doc", "--locked", "--no-deps"], package].concat();
        let mut doc = cargo_command();
        doc.args(&arguments).env("RUSTDOCFLAGS", "-D warnings");
        command(&mut doc, &format!("cargo {}", arguments.join(" ")))?;
    }
    Ok(())
}

/// The advisory database may be out of reach; licences, bans and sources are not.
fn licences() -> anyhow::Result<()> {
    let installed = cargo_command().args(["deny", "--version"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        let version = ["--version", CARGO_DENY];
        // Without optimisation: it is built for longer than it runs.
        cargo(&[&["install", "--locked", "--debug", "cargo-deny"], &version[..]].concat())?;
    }
    for manifest in ["Cargo.toml", "guests/Cargo.toml"] {
        let scope = ["deny", "--manifest-path", manifest, "--all-features", "check"];
        cargo(&[&scope[..], &["licenses", "bans", "sources"]].concat())?;
    }
    Ok(())
}
