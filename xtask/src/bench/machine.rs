//! What the numbers were measured on.

use serde_json::{Map, Value};
use std::fs;
use std::num::NonZeroUsize;
use std::process::Command;

/// The facts by their names, as texts; `idle` is what processors with nothing to do are doing.
pub(crate) fn facts(idle: &str) -> Map<String, Value> {
    let cores = std::thread::available_parallelism().map_or(0, NonZeroUsize::get);
    let facts = [
        ("commit", commit()),
        ("kernel", read("/proc/sys/kernel/osrelease")),
        ("processor", processor()),
        ("cores", Some(cores.to_string())),
        ("idle processors", Some(idle.to_owned())),
        ("guest_halt_poll_ns", read("/sys/module/haltpoll/parameters/guest_halt_poll_ns")),
        // What else runs decides half of it.
        ("load", read("/proc/loadavg")),
        ("rustc", version("rustc")),
        ("wasmtime", locked("wasmtime")),
        ("hyper", locked("hyper")),
        ("crun", version("crun")),
        ("docker", version("dockerd")),
        ("node", version("node")),
    ];
    facts.into_iter().map(|(name, fact)| (name.to_owned(), fact.into())).collect()
}

/// The facts in one line.
pub(crate) fn line(facts: &Map<String, Value>) -> String {
    let facts =
        facts.iter().map(|(name, fact)| format!("{name} {}", fact.as_str().unwrap_or("none")));
    facts.collect::<Vec<_>>().join(", ")
}

fn commit() -> Option<String> {
    let commit = says("git", &["rev-parse", "--short", "HEAD"])?;
    let clean = says("git", &["status", "--porcelain"]).is_none();
    Some(if clean { commit } else { format!("{commit} and changes") })
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(": ")?.1.to_owned())
}

/// The version in `Cargo.lock`.
pub(crate) fn locked(package: &str) -> Option<String> {
    let text = fs::read_to_string("Cargo.lock").ok()?;
    let (_, rest) = text.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

fn read(file: &str) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.trim().to_owned())
}

/// The version that a program says it has.
pub(crate) fn version(program: &str) -> Option<String> {
    let line = says(program, &["--version"])?;
    let version = line.split(' ').find(|word| word.contains('.'))?;
    Some(version.trim_end_matches(',').to_owned())
}

/// The first line that a program prints, if it runs and prints one.
fn says(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next().map(str::to_owned)
}
