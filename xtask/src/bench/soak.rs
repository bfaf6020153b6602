//! Hostile activations by the thousand, and whether the processes that ran them
//! hold more in the end.

use super::build;
use super::row::{Bar, Row};
use anyhow::ensure;
use std::process::Command;
use wow_tests::process::Runtime;
use wow_tests::soak::{self, GUESTS};

/// Memory that each process may give to a guest, in MB: those that are refused more
/// need not take much first.
const MEMORY: &str = "32";

pub(crate) fn run(count: usize) -> anyhow::Result<Vec<Row>> {
    let fewest = 10 * GUESTS.len();
    ensure!(count >= fewest, "a soak has {fewest} activations at least: each guest warms up");
    let (compiler, wow) = (build::compiler()?, build::wow()?);
    let compiler = compiler.to_string_lossy();
    let arguments = ["--compiler", &*compiler, "--cache", "none", "--memory", MEMORY];
    eprintln!("== soak: {count} activations of {} guests, a process each", GUESTS.len());
    let soaked = soak::run(count, || Runtime::start_with(&mut Command::new(&wow), &arguments))?;
    let (before, after) = (soaked.before, soaked.after);
    #[expect(clippy::cast_precision_loss, reason = "some millions")]
    let number = |number: u64| number as f64;
    let what = |what| format!("{what} of {} processes after {count} activations", GUESTS.len());
    let warm = "after a tenth of them";
    let flat = |name, before, after| {
        Row::new(&what(name), number(after), "", Some(Bar::RatioAtMost(1.0)))
            .against(warm, number(before))
    };
    #[expect(clippy::cast_precision_loss, reason = "some millions")]
    let (wrong, per_second) = (soaked.wrong as f64, count as f64 / soaked.time.as_secs_f64());
    Ok(vec![
        Row::new(
            &what("resident memory"),
            number(after.resident),
            "KiB",
            Some(Bar::RatioAtMost(1.05)),
        )
        .against(warm, number(before.resident)),
        Row::new(
            &format!("the process that grew most, of `{}`", soaked.most.0),
            number(soaked.most.1),
            "KiB",
            None,
        ),
        flat("descriptors", before.descriptors, after.descriptors),
        flat("threads", before.threads, after.threads),
        Row::new("wrong answers", wrong, "answers", Some(Bar::AtMost(0.0))),
        Row::new("hostile activations, one at a time", per_second, "activations/s", None),
    ])
}
