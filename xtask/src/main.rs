//! `cargo xtask`: builds, tests, shows and measures everything. What it prints is
//! for a person who waits.

mod assemblyscript;
mod bench;
mod ci;
mod demo;
mod fresh;
mod guests;
mod npm;
mod package;
mod prebuilt;
mod release;

use anyhow::{Context as _, ensure};
use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use wow_tests::table::Table;

/// Build, test, show and measure WOW
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Build a guest, start the host, initialise and run the guest over HTTP
    Demo {
        /// What to show
        #[arg(value_enum, default_value_t)]
        what: demo::What,
    },
    /// Run every test
    Test,
    /// Build the guests into target/guests
    Guests {
        /// Also those that take minutes and large downloads
        #[arg(long)]
        all: bool,
        /// Write what the last test run measured of them into guests/README.md, and build nothing
        #[arg(long, conflicts_with = "all")]
        table: bool,
    },
    /// Build the component that `wow new` writes, from its template
    Prebuilt,
    /// Build the programs as they are released into target/dist; the first time takes half an hour
    Release {
        /// Only wow-docker, in a minute
        #[arg(long)]
        docker_only: bool,
    },
    /// Record what wow does when it serves, for its releases
    Profile,
    /// Measure; without a name, everything
    Bench {
        /// What to measure
        names: Vec<String>,
        /// How many activations `soak` runs
        #[arg(long, value_name = "N", default_value_t = 2000)]
        count: usize,
        /// Let processors halt when they are idle, as the machine has it
        #[arg(long)]
        halting: bool,
    },
    /// Check what CI checks beside the tests: format, licences, lints, documentation
    Ci,
}

fn main() -> anyhow::Result<()> {
    std::env::set_current_dir(root()).context("cannot enter the repository")?;
    match Task::parse() {
        Task::Demo { what } => demo::run(what),
        Task::Release { docker_only } => release::run(docker_only),
        Task::Profile => release::profile::record(),
        Task::Prebuilt => prebuilt::build(),
        Task::Test => test(),
        Task::Guests { table: true, .. } => Table::update()
            .context("there are no measurements; hint: `cargo xtask test` makes them"),
        Task::Guests { all: true, .. } => guests::build_all(),
        Task::Guests { all: false, .. } => guests::build(),
        Task::Bench { names, count, halting } => bench::run(&names, count, halting),
        Task::Ci => ci::run(),
    }
}

/// The repository.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask/ is in the repository").to_owned()
}

/// Builds everything and runs every test: one suite that fails keeps no other from
/// running.
fn test() -> anyhow::Result<()> {
    programs()?;
    guests::build()?;
    let sdk = if assemblyscript::is_there() {
        assemblyscript::test(&root())
    } else {
        println!("skipped: the tests of the AssemblyScript SDK: no Node.js 20 here");
        Ok(())
    };
    // The compiler apart: cargo would give its Cranelift to the host.
    let compiler = cargo(&["test", "--locked", "--no-fail-fast", "-p", "wow-compile"]);
    let rest = cargo(&["test", "--locked", "--no-fail-fast"]);
    sdk.and(compiler).and(rest)
}

/// Builds `wow-compile` and `wow`, each with its own features.
fn programs() -> anyhow::Result<()> {
    cargo(&["build", "--locked", "-p", "wow-compile"])?;
    cargo(&["build", "--locked"])
}

/// Runs cargo in the repository, and says what it runs and how long it took.
fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    command(cargo_command().args(arguments), &format!("cargo {}", arguments.join(" ")))
}

/// The cargo that runs us, as the shell would start it. What it tells us of ourselves is taken
/// away: build scripts look at these variables, and would build again for each that changed.
fn cargo_command() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let ours = |prefix: &&str| name.as_encoded_bytes().starts_with(prefix.as_bytes());
        if ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(ours) {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Runs a command, and says what it runs and how long it took.
fn command(command: &mut Command, name: &str) -> anyhow::Result<()> {
    eprintln!("== {name}");
    let start = Instant::now();
    let status = command.status().with_context(|| format!("cannot run {name}"))?;
    ensure!(status.success(), "{name}: {status}");
    eprintln!("== {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
