//! A warm `/run` of a Rust action, a fresh instance each time and every limit on,
//! against a bare hyper server that answers the same bytes.

use super::bare::{self, Bare};
use super::row::Row;
use super::{ROUNDS, build, load, median};
use crate::guests;
use serde_json::json;
use std::process::Command;
use wow_tests::process::{Runtime, init_body};

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    if let Err(why) = load::wrk() {
        return Ok(vec![Row::skipped("warm /run", why)]);
    }
    let (compiler, wow, program) = (build::compiler()?, build::wow()?, build::bare()?);
    guests::build()?;
    let compiler = compiler.to_string_lossy();
    let arguments = ["--compiler", &*compiler, "--cache", "none"];
    let runtime = Runtime::start_with(&mut Command::new(wow), &arguments);
    let code = base64_simd::STANDARD.encode_to_string(wow_tests::guests::read("hello.rust"));
    let ready = runtime.post("/init", &init_body(&code, "main", json!({})));
    anyhow::ensure!(ready.status == 200, "/init: {}", ready.json());
    let body = json!({ "value": { "name": "Ada" } }).to_string();
    let answer = runtime.post("/run", &serde_json::from_str(&body)?);
    let bare = Bare::start(&program, &String::from_utf8(answer.body)?);

    let (mut ours, mut base) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for round in 1..=ROUNDS {
        eprintln!("== warm: round {round} of {ROUNDS}");
        for (address, found) in [(bare.address, &mut base), (runtime.address, &mut ours)] {
            found[0].push(load::post(address, &body, 16)?.per_second);
            found[1].push(load::post(address, &body, 1)?.p50);
        }
        // The sentinels of a hundred thousand activations are of no use here.
        runtime.stdout.clear();
        runtime.stderr.clear();
    }
    let [ours, base] = [ours, base].map(|found| found.map(median));
    let row = |what, place: usize, unit| {
        Row::new(what, ours[place], unit, None).against(bare::NAME, base[place])
    };
    Ok(vec![
        row("warm /run, 16 connections", 0, "requests/s"),
        row("warm /run, 1 connection, p50", 1, "us"),
    ])
}
