//! What limits cost: an activation inside the process with all of them, and with
//! none; and what WebAssembly costs a guest that computes, against the same Rust
//! compiled for the machine.

use super::inside::{self, Inside, numbers};
use super::row::{Bar, Row};
use super::{ROUNDS, build, median, percentile};
use crate::guests;
use anyhow::ensure;
use std::process::Command;
use wow_tests::guests::path;

/// Activations of `hello` in a round, and how many of them warm up.
const ACTIVATIONS: usize = 20_000;
const WARM_UP: usize = 1_000;

/// Guests that compute, with their parameters, and the same number for the native program: each
/// is at work for some tenths of a second.
const COMPUTING: [(&str, &str, &str); 2] = [
    ("hash", r#"{"iterations":1000000,"input":"abc"}"#, "1000000"),
    ("prime", r#"{"limit":20000000}"#, "20000000"),
];
/// How often each computes in a round.
const COMPUTATIONS: usize = 3;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let inside = Inside::build()?;
    guests::build()?;
    let mut rows = activations(&inside)?;
    for (guest, parameters, work) in COMPUTING {
        rows.push(computing(&inside, guest, parameters, work)?);
    }
    Ok(rows)
}

fn activations(program: &Inside) -> anyhow::Result<Vec<Row>> {
    let hello = path("hello.rust");
    let (mut p50, mut p99, mut share) = (Vec::new(), Vec::new(), Vec::new());
    let (mut none_p50, mut none_p99) = (Vec::new(), Vec::new());
    for round in 1..=inside::ROUNDS {
        eprintln!("== limits: round {round} of {}", inside::ROUNDS);
        let timed = |mode| program.run(mode, &hello, "main", r#"{"name":"Ada"}"#, ACTIVATIONS);
        let [none, limits] = [timed("none")?, timed("limits")?].map(|times| {
            // The first ones map the code and fill the pool.
            times.into_iter().skip(WARM_UP).map(|time| time / 1000.0).collect::<Vec<_>>()
        });
        let total = |times: &[f64]| times.iter().sum::<f64>();
        share.push(total(&none) / total(&limits));
        none_p50.push(percentile(none.clone(), 50));
        none_p99.push(percentile(none, 99));
        p50.push(percentile(limits.clone(), 50));
        p99.push(percentile(limits, 99));
    }
    let name = "in process, all limits on";
    Ok(vec![
        Row::new(&format!("{name}, p50"), median(p50), "us", Some(Bar::AtMost(15.0)))
            .against("without limits", median(none_p50)),
        Row::new(&format!("{name}, p99"), median(p99), "us", Some(Bar::AtMost(40.0)))
            .against("without limits", median(none_p99)),
        Row::new(
            "throughput in process, all limits on, of that with none",
            median(share),
            "x",
            Some(Bar::AtLeast(0.85)),
        ),
    ])
}

fn computing(inside: &Inside, guest: &str, parameters: &str, work: &str) -> anyhow::Result<Row> {
    let native = build::native(guest)?;
    let component = path(&format!("{guest}.rust"));
    let mut shares = Vec::new();
    for round in 1..=ROUNDS {
        eprintln!("== {guest}: round {round} of {ROUNDS}");
        let output = Command::new(&native).args([work, &COMPUTATIONS.to_string()]).output()?;
        ensure!(output.status.success(), "{guest} failed: {}", output.status);
        let milliseconds = median(numbers(&output.stdout)?);
        let times = inside.run("limits", &component, "main", parameters, COMPUTATIONS)?;
        shares.push(milliseconds / (median(times) / 1e6));
    }
    let what = format!("speed of {guest}, of that of the same Rust compiled natively");
    Ok(Row::new(&what, median(shares), "x", Some(Bar::AtLeast(0.6))))
}
