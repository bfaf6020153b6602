//! What one more action costs in memory: with code of its own, with code that
//! another has, asleep. And what a host costs that has none.

use super::codes::{Codes, RUN, first_call, variants};
use super::many::Many;
use super::row::{Bar, Row};
use super::{ROUNDS, build, median};
use crate::guests;
use anyhow::Context as _;
use std::fs;
use std::iter;
use std::path::Path;
use std::process::Command;
use wow_tests::process::Runtime;

/// Further actions with code of their own: so many that it does not count where in a huge page
/// their memory ends.
const ACTIONS: usize = 300;
/// Further actions with one code. More, or they fit into what the first calls of a
/// process leave free; each is an open file.
const SAME: usize = 500;
/// Actions before, so that what a process does once is done.
const BEFORE: usize = 5;

/// What the rounds found.
#[derive(Default)]
struct Found {
    /// KiB an action.
    other: Vec<f64>,
    asleep: Vec<f64>,
    same: Vec<f64>,
    /// MiB.
    idle: Vec<f64>,
}

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let (many, compiler, wow) = (build::many()?, build::compiler()?, build::wow()?);
    guests::build()?;
    let components = variants(&wow_tests::guests::read("hello.rust"), BEFORE + ACTIONS);
    let codes = Codes::compile(&wow, &compiler, &components)?;
    let (before, further) = codes.inits.split_at(BEFORE);
    let start = || -> anyhow::Result<Many> {
        let mut many = Many::start(&many, &codes.cache(), &compiler)?;
        call_each(&mut many, before)?;
        Ok(many)
    };

    let mut found = Found::default();
    for round in 1..=ROUNDS {
        eprintln!("== memory: round {round} of {ROUNDS}");
        let mut many = start()?;
        let none = proportional(&many)?;
        call_each(&mut many, further)?;
        found.other.push((proportional(&many)? - none) / count(ACTIONS));
        many.hibernate()?;
        found.asleep.push((proportional(&many)? - none) / count(ACTIONS));

        let mut many = start()?;
        let none = proportional(&many)?;
        call_each(&mut many, iter::repeat_n(&before[0], SAME))?;
        found.same.push((proportional(&many)? - none) / count(SAME));

        found.idle.push(idle(&wow, &compiler, &codes.cache())?);
    }
    let action = |what: &str, values, bar| {
        let what = format!("a further Rust action of 107 KB after its first /run, {what}");
        Row::new(&what, median(values), "KiB", Some(Bar::AtMost(bar)))
    };
    Ok(vec![
        action("with code of its own", found.other, 350.0),
        action("with code that another has", found.same, 16.0),
        action("with code of its own, hibernated", found.asleep, 80.0),
        Row::new("an idle `wow runtime`", median(found.idle), "MiB", Some(Bar::AtMost(5.0))),
    ])
}

/// Calls a new action for each body.
fn call_each<'a>(
    many: &mut Many,
    inits: impl IntoIterator<Item = &'a Vec<u8>>,
) -> anyhow::Result<()> {
    for init in inits {
        first_call(many.container()?, init, RUN)?;
    }
    Ok(())
}

/// KiB of the process's memory, each page divided by those who share it.
fn proportional(many: &Many) -> anyhow::Result<f64> {
    rollup(many.id(), "Pss:")
}

pub(super) fn count(actions: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "thousands at most")]
    let actions = actions as f64;
    actions
}

/// MiB that are resident in a `wow runtime` without an action.
fn idle(wow: &Path, compiler: &Path, cache: &Path) -> anyhow::Result<f64> {
    let mut command = Command::new(wow);
    let (cache, compiler) = (cache.to_string_lossy(), compiler.to_string_lossy());
    let arguments = ["--cache", &*cache, "--compiler", &*compiler];
    let runtime = Runtime::start_with(&mut command, &arguments);
    Ok(rollup(runtime.id(), "Rss:")? / 1024.0)
}

/// A sum over all mappings of a process, in KiB: exact, where `status` is not (`proc(5)`).
pub(super) fn rollup(id: u32, field: &str) -> anyhow::Result<f64> {
    let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.and_then(|number| number.parse().ok()).with_context(|| format!("no {field} in {text}"))
}
