//! A sequence of three actions fused into one component, against the three one after
//! another: three hosts, and a client that calls each when the one before has answered.
//!
//! What OpenWhisk adds for each action of a sequence (its controller, its queue, an
//! activation record) is in neither.

use super::codes::{Codes, RUN, first_call, post};
use super::peers::{Process, free_port, patiently};
use super::row::{Bar, Row};
use super::{ROUNDS, build, median};
use crate::guests;
use anyhow::{Context as _, ensure};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use wow_tests::guests::{path, read};

/// Sequences of each kind in a round, and those before that warm up.
const SEQUENCES: usize = 500;
const WARM_UP: usize = 50;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let (compiler, wow) = (build::compiler()?, build::wow()?);
    guests::build()?;
    let fused = fused(&build::developers()?)?;
    let codes = Codes::compile(&wow, &compiler, &[read("hello.rust"), fused])?;
    let start = |init| Host::start(&wow, &compiler, &codes, init);
    let apart = [start(0)?, start(0)?, start(0)?];
    let together = [start(1)?];
    let (mut one_by_one, mut as_one) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("== compose: round {round} of {ROUNDS}");
        one_by_one.push(typical(&apart)?);
        as_one.push(typical(&together)?);
    }
    let bar = Some(Bar::RatioAtMost(0.6));
    let row = Row::new("three actions fused into one, /run, p50", median(as_one), "us", bar);
    Ok(vec![row.against("one after another", median(one_by_one))])
}

/// `hello` three times, as `wow compose` makes it.
fn fused(wow: &Path) -> anyhow::Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("fused.wasm");
    let hello = path("hello.rust");
    let mut compose = Command::new(wow);
    compose.args(["compose", "--sequence"]).args([&hello, &hello, &hello]).arg("-o").arg(&out);
    let status = compose.stdout(Stdio::null()).status().context("cannot run `wow compose`")?;
    ensure!(status.success(), "`wow compose` failed: {status}");
    Ok(std::fs::read(out)?)
}

/// A `wow runtime` with an action loaded.
struct Host {
    address: SocketAddr,
    _process: Process,
}

impl Host {
    fn start(wow: &Path, compiler: &Path, codes: &Codes, init: usize) -> anyhow::Result<Self> {
        let address = free_port()?;
        let mut runtime = Command::new(wow);
        runtime.args(["runtime", "--listen", &address.to_string()]);
        runtime.arg("--cache").arg(codes.cache()).arg("--compiler").arg(compiler);
        let process = Process::start(&mut runtime)?;
        patiently(address, |address| first_call(address, &codes.inits[init], RUN))?;
        Ok(Self { address, _process: process })
    }
}

/// The microseconds that half of many sequences do not exceed, from the first request to
/// the last answer.
fn typical(hosts: &[Host]) -> anyhow::Result<f64> {
    let mut times = Vec::new();
    for turn in 0..WARM_UP + SEQUENCES {
        let start = Instant::now();
        for host in hosts {
            post(host.address, "/run", RUN)?;
        }
        if turn >= WARM_UP {
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
    }
    Ok(median(times))
}
