//! Containers of `wow executor`: how soon a new one answers, how many first calls there
//! are in a second, and how many fit into a gigabyte.

use super::bare::Bare;
use super::codes::{Codes, RUN, first_call, variants};
use super::memory::{count, rollup};
use super::row::{Bar, Row};
use super::{ROUNDS, build, median, percentile, stand_in};
use crate::{guests, root};
use anyhow::Context as _;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wow_tests::executor::{Executor, Virtual};

/// First calls one after the other, in a round.
const CALLS: usize = 200;
/// Distinct actions whose first calls come at once.
const AT_ONCE: usize = 100;
/// Containers with one code. More than fit into what the first calls of a process leave free.
const SAME: usize = 2000;

/// What the rounds found.
#[derive(Default)]
struct Found {
    /// Milliseconds.
    first: Vec<f64>,
    bare: Vec<f64>,
    slowest: Vec<f64>,
    /// First calls in a second.
    rate: Vec<f64>,
    /// Containers in a gibibyte.
    same: Vec<f64>,
    distinct: Vec<f64>,
    asleep: Vec<f64>,
}

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let (compiler, wow) = (build::compiler()?, build::wow()?);
    guests::build()?;
    let components = variants(&wow_tests::guests::read("hello.rust"), AT_ONCE + 1);
    let codes = Codes::compile(&wow, &compiler, &components)?;
    let mut rows = measure(&wow, &compiler, &codes)?;
    rows.extend(stand_in::measure(&wow, &compiler, &codes)?);
    Ok(rows)
}

fn measure(wow: &Path, compiler: &Path, codes: &Codes) -> anyhow::Result<Vec<Row>> {
    let (warm, distinct) = codes.inits.split_first().context("one at least")?;
    let start = || -> anyhow::Result<(TempDir, Executor)> {
        let (folder, executor) = start(wow, compiler, codes)?;
        call(&executor, "warm", warm)?;
        Ok((folder, executor))
    };
    let bare = Bare::start(&build::bare()?);
    let mut found = Found::default();
    for round in 1..=ROUNDS {
        eprintln!("== executor: round {round} of {ROUNDS}");
        let (_folder, executor) = start()?;
        let (first, bare) = one_by_one(&executor, &bare, &distinct[0])?;
        found.first.push(first);
        found.bare.push(bare);
        drop(executor);
        let (_folder, executor) = start()?;
        at_once(&executor, distinct, &mut found)?;
        drop(executor);
        // In another process: slots that were taken at once keep some of their memory.
        let (_folder, executor) = start()?;
        let before = proportional(&executor)?;
        for (number, init) in distinct.iter().enumerate() {
            call(&executor, &format!("distinct-{number}"), init)?;
        }
        found.distinct.push(fit(&executor, before, AT_ONCE)?);
        for number in 0..AT_ONCE {
            executor.command("POST", &format!("/containers/distinct-{number}/pause"));
        }
        found.asleep.push(fit(&executor, before, AT_ONCE)?);
        drop(executor);
        let (_folder, executor) = start()?;
        let before = proportional(&executor)?;
        for number in 0..SAME {
            call(&executor, &format!("same-{number}"), warm)?;
        }
        found.same.push(fit(&executor, before, SAME)?);
    }
    let fit = |what: &str, values, bar| {
        let what = format!("containers in 1 GiB after their first /run, {what}");
        Row::new(&what, median(values), "containers", Some(Bar::AtLeast(bar)))
    };
    let herd = format!("{AT_ONCE} first calls of as many actions at once");
    Ok(vec![
        Row::new(
            "created, /init of 107 KB with code on disk, /run: to the answer, p50",
            median(found.first),
            "ms",
            Some(Bar::AtMost(1.0)),
        )
        .against("the two requests to a bare hyper server", median(found.bare)),
        Row::new(&herd, median(found.rate), "calls/s", Some(Bar::AtLeast(1000.0))),
        Row::new(&format!("{herd}, p99"), median(found.slowest), "ms", Some(Bar::AtMost(100.0))),
        fit("with one code", found.same, 20_000.0),
        fit("each with code of its own", found.distinct, 3_000.0),
        fit("each with code of its own, paused", found.asleep, 12_000.0),
    ])
}

/// Where the containers' files are: in memory if there is a file system for that. ext4 looks through
/// what was removed in the last minutes before it gives out a file, which is a bench of ext4.
fn folder() -> anyhow::Result<TempDir> {
    Ok(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?)
}

/// An executor of these codes that has been through its cache, in the environment that `deploy/` gives
/// it. The folder outlives it.
pub(super) fn start(
    wow: &Path,
    compiler: &Path,
    codes: &Codes,
) -> anyhow::Result<(TempDir, Executor)> {
    let (folder, executor) = start_with(wow, compiler, codes, READ_AHEAD)?;
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    executor.wait_for("wow_cache_authenticated", codes.inits.len() as f64);
    Ok((folder, executor))
}

/// How much of its cache an executor reads ahead, as if nothing were said.
const READ_AHEAD: &str = "1024";

/// The same, which reads so much of its cache ahead, in MB.
pub(super) fn start_with(
    wow: &Path,
    compiler: &Path,
    codes: &Codes,
    read_ahead: &str,
) -> anyhow::Result<(TempDir, Executor)> {
    let folder = folder()?;
    let mut program = deployed(wow)?;
    program.env("WOW_CACHE", codes.cache()).env("WOW_COMPILE", compiler);
    let arguments = ["--read-ahead", read_ahead];
    let executor = Executor::start_as(program, folder.path(), &arguments);
    Ok((folder, executor))
}

/// A program that asks the C library for what the executor's unit does.
pub(super) fn deployed(program: &Path) -> anyhow::Result<Command> {
    const UNIT: &str = "deploy/systemd/wow-executor.service";
    const NAME: &str = "GLIBC_TUNABLES";
    let unit =
        fs::read_to_string(root().join(UNIT)).with_context(|| format!("cannot read {UNIT}"))?;
    let setting = unit
        .lines()
        .find_map(|line| line.strip_prefix("Environment=")?.strip_prefix(NAME)?.strip_prefix('='));
    let mut command = Command::new(program);
    command.env(NAME, setting.with_context(|| format!("{UNIT} does not set {NAME}"))?);
    Ok(command)
}

/// Makes a container.
pub(super) fn container(executor: &Executor, name: &str) -> Virtual {
    executor.create(&json!({ "name": name, "image": "wow/bench" }))
}

/// Makes a container, and calls its action for the first time.
fn call(executor: &Executor, name: &str, init: &[u8]) -> anyhow::Result<Virtual> {
    let container = container(executor, name);
    first_call(container.address, init, RUN)?;
    Ok(container)
}

/// First calls one after the other, of code that nobody else holds, and the same `/init` and `/run`
/// sent to a server that does nothing with them: the medians in milliseconds.
fn one_by_one(executor: &Executor, bare: &Bare, init: &[u8]) -> anyhow::Result<(f64, f64)> {
    let (mut times, mut bare_times) = (Vec::new(), Vec::new());
    for number in 0..CALLS {
        let start = Instant::now();
        let container = call(executor, &format!("one-{number}"), init)?;
        times.push(milliseconds(start.elapsed()));
        executor.remove(&container.id);
        let start = Instant::now();
        first_call(bare.address, init, RUN)?;
        bare_times.push(milliseconds(start.elapsed()));
    }
    Ok((median(times), median(bare_times)))
}

/// First calls at once, an action each.
fn at_once(executor: &Executor, inits: &[Vec<u8>], found: &mut Found) -> anyhow::Result<()> {
    let barrier = Barrier::new(inits.len() + 1);
    let (times, all) = thread::scope(|scope| {
        let calls: Vec<_> = inits
            .iter()
            .enumerate()
            .map(|(number, init)| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    let start = Instant::now();
                    call(executor, &format!("at-once-{number}"), init)?;
                    anyhow::Ok(milliseconds(start.elapsed()))
                })
            })
            .collect();
        barrier.wait();
        let start = Instant::now();
        let times: Vec<_> = calls.into_iter().map(thread::ScopedJoinHandle::join).collect();
        (times, start.elapsed())
    });
    let mut each = Vec::new();
    for time in times {
        each.push(time.map_err(|_| anyhow::anyhow!("a call panicked"))??);
    }
    found.rate.push(count(each.len()) / all.as_secs_f64());
    found.slowest.push(percentile(each, 99));
    Ok(())
}

/// How many containers fit into a gibibyte, by what so many have added.
fn fit(executor: &Executor, before: f64, containers: usize) -> anyhow::Result<f64> {
    let each = (proportional(executor)? - before).max(1.0) / count(containers);
    Ok(1024.0 * 1024.0 / each)
}

/// The process's memory in KiB: file pages that others map as well count in part.
fn proportional(executor: &Executor) -> anyhow::Result<f64> {
    rollup(executor.id(), "Pss:")
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
