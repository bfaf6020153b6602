//! Activations that wait for a server, a thousand at once: the I/O-bound workload
//! of the evaluation of 2022, which had a thread for each.

use super::row::{Bar, Row};
use super::{ROUNDS, build, median};
use crate::{guests, package};
use anyhow::ensure;
use serde_json::json;
use std::fs;
use std::process::Command;
use std::time::Duration;
use wow_tests::process::{Runtime, init_body};
use wow_tests::waiting::{burst, slow_server};

/// How many wait, and for how long.
const COUNT: usize = 1000;
const DELAY: Duration = Duration::from_millis(300);

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let (compiler, wow) = (build::compiler()?, build::wow()?);
    guests::build()?;
    let folder = tempfile::tempdir()?;
    let policy = folder.path().join("policy.toml");
    fs::write(
        &policy,
        "version = 1\n[[grant]]\nhttp = [\"http://*:*\"]\n[egress]\nopen = [\"127.0.0.1/32\"]",
    )?;
    let server = slow_server(DELAY);
    let url = format!("http://{server}");
    let mut program = Command::new(wow);
    program.env("WOW_COMPILE", compiler).env("WOW_CACHE", "none").env("WOW_POLICY", policy);
    let instances = COUNT.to_string();
    let runtime =
        Runtime::start_with(&mut program, &["--instances", &instances, "--memory", "4000"]);
    let code = base64_simd::STANDARD.encode_to_string(package::asking("fetch.rust", &[&url])?);
    let reply = runtime.post("/init", &init_body(&code, "main", json!({})));
    ensure!(reply.status == 200, "/init: {}", reply.json());
    let body = json!({ "value": { "url": url } }).to_string();
    let mut times = Vec::new();
    for round in 1..=ROUNDS {
        eprintln!("== waiting: round {round} of {ROUNDS}");
        let (time, others) = burst(runtime.address, &body, COUNT);
        ensure!(others.is_empty(), "{} failed, one with {}", others.len(), others[0]);
        times.push(time.as_secs_f64() * 1000.0);
    }
    let what = format!("{COUNT} activations that wait {} ms at once", DELAY.as_millis());
    // Well under a second, of which they wait the most.
    Ok(vec![Row::new(&what, median(times), "ms", Some(Bar::AtMost(700.0)))])
}
