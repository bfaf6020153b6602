//! Benches: ratios against a baseline, measured in one run.
//!
//! Timings are noisy, so what is compared is measured alternately, in rounds,
//! and the median counts. `cargo xtask bench NAME…` prints a table and writes
//! `target/bench/NAME.json`; it fails when a bar is not met.

mod load;
mod warm;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Every bench by its name.
const BENCHES: &[(&str, Bench)] = &[("warm", warm::run)];

/// A bench: what it found, a row a line of its table.
type Bench = fn() -> anyhow::Result<Vec<Row>>;

/// How often each thing is measured.
const ROUNDS: usize = 5;

/// Runs the named benches, or all.
pub(crate) fn run(names: &[String]) -> anyhow::Result<()> {
    if let Some(unknown) = names.iter().find(|name| BENCHES.iter().all(|(known, _)| name != known))
    {
        let known: Vec<_> = BENCHES.iter().map(|(name, _)| *name).collect();
        bail!("there is no bench `{unknown}`; there is {}", known.join(", "));
    }
    let mut missed = Vec::new();
    for (name, bench) in BENCHES {
        if !names.is_empty() && names.iter().all(|wanted| wanted != name) {
            continue;
        }
        let rows = bench().with_context(|| format!("bench {name}"))?;
        println!("\n{name}");
        for row in &rows {
            println!("  {}", row.line());
        }
        let file = Path::new("target/bench").join(name).with_extension("json");
        fs::create_dir_all("target/bench")?;
        let json: Vec<_> = rows.iter().map(Row::json).collect();
        fs::write(&file, serde_json::to_string_pretty(&json)?)?;
        missed.extend(rows.iter().filter(|row| !row.met()).map(|row| row.what.clone()));
    }
    ensure!(missed.is_empty(), "not met: {}", missed.join("; "));
    Ok(())
}

/// One line of a bench's table.
pub(crate) struct Row {
    /// What was measured.
    what: String,
    /// Its median, or why there is none.
    value: Result<f64, String>,
    unit: &'static str,
    /// What it is compared with, and its median.
    baseline: Option<(String, f64)>,
    bar: Option<Bar>,
}

/// What a value, or its ratio to the baseline, must reach.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "bars on values come with the benches that have them")]
pub(crate) enum Bar {
    AtLeast(f64),
    AtMost(f64),
    RatioAtLeast(f64),
    RatioAtMost(f64),
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        Some(self.value.as_ref().ok()? / self.baseline.as_ref()?.1)
    }

    /// Whether the bar is reached. What could not be measured has not missed it, and says so.
    fn met(&self) -> bool {
        let (Ok(value), Some(bar)) = (&self.value, self.bar) else { return true };
        let ratio = self.ratio().unwrap_or(f64::NAN);
        match bar {
            Bar::AtLeast(bar) => *value >= bar,
            Bar::AtMost(bar) => *value <= bar,
            Bar::RatioAtLeast(bar) => ratio >= bar,
            Bar::RatioAtMost(bar) => ratio <= bar,
        }
    }

    fn bar(&self) -> Option<String> {
        Some(match self.bar? {
            Bar::AtLeast(bar) => format!("at least {bar} {}", self.unit),
            Bar::AtMost(bar) => format!("at most {bar} {}", self.unit),
            Bar::RatioAtLeast(bar) => format!("at least {bar}x"),
            Bar::RatioAtMost(bar) => format!("at most {bar}x"),
        })
    }

    fn line(&self) -> String {
        let value = match &self.value {
            Ok(value) => format!("{} {}", short(*value), self.unit),
            Err(why) => return format!("{}: skipped: {why}", self.what),
        };
        let mut line = format!("{}: {value}", self.what);
        if let (Some((name, baseline)), Some(ratio)) = (&self.baseline, self.ratio()) {
            line += &format!(", {name} {} {}, ratio {ratio:.2}", short(*baseline), self.unit);
        }
        if let Some(bar) = self.bar() {
            line += &format!(" ({bar}: {})", if self.met() { "met" } else { "NOT MET" });
        }
        line
    }

    fn json(&self) -> Value {
        match &self.value {
            Ok(value) => json!({
                "what": self.what, "value": value, "unit": self.unit,
                "baseline": self.baseline.as_ref().map(|(name, value)| json!({ "what": name, "value": value })),
                "ratio": self.ratio(), "bar": self.bar(), "met": self.met(),
            }),
            Err(why) => json!({ "what": self.what, "skipped": why }),
        }
    }
}

/// The middle one of an odd number of measurements.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}
