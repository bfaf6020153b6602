//! The first call of an action whose code is on disk, against what others start
//! for one: a container with a static server, a Node.js process.

use super::awake;
use super::bare::{self, Bare};
use super::codes::{Codes, RUN, first_call, variants};
use super::executor::{container, start, start_with};
use super::peers::{Crun, Process, first_answer, free_port, node};
use super::row::{Bar, Row};
use super::{ROUNDS, build, median, percentile};
use crate::guests;
use anyhow::{Context as _, bail};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;
use tempfile::TempDir;
use wow_tests::executor::Executor;

/// Actions with code of their own, each called once in a round.
const ACTIONS: usize = 100;
/// New processes in a round: of ours, of crun's, of Node.js.
const PROCESSES: [usize; 3] = [20, 10, 3];

/// What the rounds found: a median of each round, in milliseconds unless it says otherwise.
#[derive(Default)]
struct Found {
    running: Vec<f64>,
    bare: Vec<f64>,
    running_p99: Vec<f64>,
    /// The same as `running` and `bare` with processors that halt.
    halting: Vec<f64>,
    bare_halting: Vec<f64>,
    /// The same as `running` in a process that has not been through its cache.
    unread: Vec<f64>,
    process: Vec<f64>,
    bare_process: Vec<f64>,
    at_once_per_second: Vec<f64>,
    at_once_p99: Vec<f64>,
    /// All calls of all rounds that failed.
    failures: usize,
}

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let (compiler, wow) = (build::compiler()?, build::wow()?);
    guests::build()?;
    // One more, for a host that runs already.
    let components = variants(&wow_tests::guests::read("hello.rust"), ACTIONS + 1);
    let codes = Codes::compile(&wow, &compiler, &components)?;
    let called = |executor: &Executor| {
        first_call(container(executor, "running").address, &codes.inits[ACTIONS], RUN)
    };
    let start_executor = || -> anyhow::Result<(TempDir, Executor)> {
        let (folder, executor) = start(&wow, &compiler, &codes)?;
        called(&executor)?;
        Ok((folder, executor))
    };

    let bare_program = build::bare()?;
    let bare = Bare::start(&bare_program);
    let mut found = Found::default();
    let mut container = Crun::new(&bare_program);
    let mut crun = Ok(Vec::new());
    let mut nodes = Ok(Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("== cold-start: round {round} of {ROUNDS}");
        let (_folder, executor) = start_executor()?;
        let (calls, bare_calls) = one_by_one(&executor, &bare, &codes)?;
        drop(executor);
        found.bare.push(median(bare_calls));
        found.running.push(median(calls.clone()));
        found.running_p99.push(percentile(calls, 99));
        let (_folder, executor) = start_executor()?;
        let (calls, bare_calls) = awake::halting(|| one_by_one(&executor, &bare, &codes))?;
        drop(executor);
        found.bare_halting.push(median(bare_calls));
        found.halting.push(median(calls));
        let (_folder, executor) = start_with(&wow, &compiler, &codes, "0")?;
        called(&executor)?;
        let (calls, _) = one_by_one(&executor, &bare, &codes)?;
        drop(executor);
        found.unread.push(median(calls));
        sample(&mut crun, PROCESSES[1], || match &mut container {
            Ok(container) => container.start(),
            Err(why) => bail!("{why:#}"),
        });
        let (mut ours, mut bare_ones) = (Vec::new(), Vec::new());
        for _ in 0..PROCESSES[0] {
            ours.push(new_process(&codes, |address| {
                let mut runtime = Command::new(&wow);
                runtime.args(["runtime", "--listen", &address.to_string()]);
                runtime.arg("--cache").arg(codes.cache()).arg("--compiler").arg(&compiler);
                runtime
            })?);
            bare_ones.push(new_process(&codes, |address| {
                let mut bare = Command::new(&bare_program);
                bare.args([bare::ANSWER, &address.to_string()]);
                bare
            })?);
        }
        found.process.push(median(ours));
        found.bare_process.push(median(bare_ones));
        sample(&mut nodes, PROCESSES[2], node);
        let (_folder, executor) = start_executor()?;
        all_at_once(&executor, &codes, &mut found)?;
    }
    Ok(found.rows(crun.map(median), nodes.map(median)))
}

/// Milliseconds of the first call of each action, one after the other, each in a
/// container of its own in a process that never ran its code. And of the same two requests to a
/// server that does nothing with them, in turn.
fn one_by_one(
    executor: &Executor,
    bare: &Bare,
    codes: &Codes,
) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let (mut calls, mut bare_calls) = (Vec::new(), Vec::new());
    for (number, init) in codes.inits[..ACTIONS].iter().enumerate() {
        let ours = container(executor, &format!("one-{number}")).address;
        for (address, times) in [(ours, &mut calls), (bare.address, &mut bare_calls)] {
            let start = Instant::now();
            first_call(address, init, RUN)?;
            times.push(milliseconds(start));
        }
    }
    Ok((calls, bare_calls))
}

/// Milliseconds from the start of a server to the answer of its first `/run`.
fn new_process(codes: &Codes, server: impl Fn(SocketAddr) -> Command) -> anyhow::Result<f64> {
    let address = free_port()?;
    let ask = |address| first_call(address, &codes.inits[0], RUN);
    first_answer(|| Process::start(&mut server(address)), address, ask)
}

/// Calls all actions at the same time, each in its container, and notes how many
/// there were in a second and how long one took.
fn all_at_once(executor: &Executor, codes: &Codes, found: &mut Found) -> anyhow::Result<()> {
    let inits = &codes.inits[..ACTIONS];
    let made = |number| container(executor, &format!("at-once-{number}")).address;
    let containers: Vec<SocketAddr> = (0..ACTIONS).map(made).collect();
    let barrier = Barrier::new(ACTIONS);
    let call = &|container, init: &[u8]| {
        barrier.wait();
        let start = Instant::now();
        first_call(container, init, RUN).map(|()| (start, Instant::now()))
    };
    let calls: Vec<_> = thread::scope(|scope| {
        let calls: Vec<_> = inits
            .iter()
            .zip(containers)
            .map(|(init, container)| scope.spawn(move || call(container, init)))
            .collect();
        calls.into_iter().map(|call| call.join().expect("it does not panic")).collect()
    });
    let (answered, failed): (Vec<_>, Vec<_>) = calls.into_iter().partition(Result::is_ok);
    for error in failed.iter().filter_map(|call| call.as_ref().err()) {
        eprintln!("== a call failed: {error}");
    }
    found.failures += failed.len();
    let answered: Vec<_> = answered.into_iter().flatten().collect();
    // All are late if the first is: each waits from there on.
    let start = answered.iter().map(|(start, _)| *start).min().context("no call was answered")?;
    let times = answered.iter().map(|(_, end)| (*end - start).as_secs_f64() * 1000.0);
    let times: Vec<_> = times.collect();
    #[expect(clippy::cast_precision_loss, reason = "a hundred")]
    let calls = times.len() as f64;
    found.at_once_per_second.push(calls * 1000.0 / percentile(times.clone(), 100));
    found.at_once_p99.push(percentile(times, 99));
    Ok(())
}

/// Measures a peer some times, unless it has failed before.
pub(super) fn sample(
    medians: &mut Result<Vec<f64>, String>,
    count: usize,
    mut measure: impl FnMut() -> anyhow::Result<f64>,
) {
    let Ok(found) = medians else { return };
    match (0..count).map(|_| measure()).collect() {
        Ok(times) => found.push(median(times)),
        Err(error) => *medians = Err(format!("{error:#}")),
    }
}

impl Found {
    fn rows(self, crun: Result<f64, String>, node: Result<f64, String>) -> Vec<Row> {
        const RUNNING: &str =
            "running `wow executor`, code on disk, /init and first /run of a Rust action";
        const CRUN: &str = "crun and a static server";
        let running = median(self.running);
        let new_process = median(self.process);
        let mut rows = vec![
            Row::new(&format!("{RUNNING}, p50"), running, "ms", Some(Bar::AtMost(0.6)))
                .against(bare::NAME, median(self.bare)),
            Row::new(&format!("{RUNNING}, p99"), median(self.running_p99), "ms", None),
            Row::new(
                &format!("{RUNNING}, idle processors halt, p50"),
                median(self.halting),
                "ms",
                None,
            )
            .against(bare::NAME, median(self.bare_halting)),
            Row::new(&format!("{RUNNING}, --read-ahead 0, p50"), median(self.unread), "ms", None)
                .against("after the cache was read ahead", running),
        ];
        let against = format!("{RUNNING}, against a container whose server answers one constant");
        rows.push(match &crun {
            Ok(crun) => {
                Row::new(&against, running, "ms", Some(Bar::RatioAtMost(0.1))).against(CRUN, *crun)
            }
            Err(why) => Row::skipped(&against, why.clone()),
        });
        let new_wow = "new `wow runtime`, code on disk, from its start to the first /run of a Rust action, p50";
        rows.push(
            Row::new(new_wow, new_process, "ms", Some(Bar::AtMost(6.0)))
                .against(bare::NAME, median(self.bare_process)),
        );
        let at_once = format!("{ACTIONS} first calls at once, Rust actions with code of their own");
        #[expect(clippy::cast_precision_loss, reason = "some hundreds at most")]
        let failures = self.failures as f64;
        rows.extend([
            Row::new(
                &at_once,
                median(self.at_once_per_second),
                "actions/s",
                Some(Bar::AtLeast(1000.0)),
            ),
            Row::new(
                &format!("{at_once}, p99"),
                median(self.at_once_p99),
                "ms",
                Some(Bar::AtMost(100.0)),
            ),
            Row::new(
                &format!("{at_once}, failed in {ROUNDS} rounds"),
                failures,
                "calls",
                Some(Bar::AtMost(0.0)),
            ),
        ]);
        let start = "from `crun run` to the first answer of a static server, no /init, p50";
        rows.push(peer(start, crun, new_process));
        let start = "from the start of Node.js to the first /run of a JavaScript action, p50";
        rows.push(peer(start, node, new_process));
        rows
    }
}

/// A peer's own row, compared with our own new process.
fn peer(what: &str, value: Result<f64, String>, ours: f64) -> Row {
    match value {
        Ok(value) => Row::new(what, value, "ms", None).against("new `wow runtime`", ours),
        Err(why) => Row::skipped(what, why),
    }
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}
