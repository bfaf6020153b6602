//! What types cost: the sum of two numbers by a typed action, whose JSON the host
//! reads, and by a JSON action, which reads it itself.

use super::inside::{Inside, ROUNDS};
use super::row::{Bar, Row};
use super::{median, percentile};
use crate::guests;
use wow_tests::guests::path;

/// Activations in a round, and how many of them warm up.
const ACTIVATIONS: usize = 20_000;
const WARM_UP: usize = 1_000;

/// What both are given; both answer `{"sum":42}`.
const PARAMETERS: &str = r#"{"a":2,"b":40}"#;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let inside = Inside::build()?;
    guests::build()?;
    let (mut json, mut typed) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("== typed: round {round} of {ROUNDS}");
        let timed = |guest, main| -> anyhow::Result<f64> {
            let times = inside.run("limits", &path(guest), main, PARAMETERS, ACTIVATIONS)?;
            // The first ones map the code and fill the pool.
            let times = times.into_iter().skip(WARM_UP).map(|time| time / 1000.0);
            Ok(percentile(times.collect(), 50))
        };
        json.push(timed("add.rust", "main")?);
        typed.push(timed("calc.rust", "add")?);
    }
    let row =
        Row::new("typed action in process, p50", median(typed), "us", Some(Bar::RatioAtMost(1.5)));
    Ok(vec![row.against("JSON action", median(json))])
}
