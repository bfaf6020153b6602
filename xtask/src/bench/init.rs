//! `/init` of large components whose code is on disk, against a bare hyper server
//! that reads the same bytes.

use super::bare::{self, Bare};
use super::codes::{Codes, RUN, first_call, post};
use super::many::Many;
use super::row::{Bar, Row};
use super::{ROUNDS, build, median};
use crate::guests;
use std::time::Instant;
use wow_tests::wat;

/// A size of a component: how many functions make it, and the bars in milliseconds
/// where its code is new to the process and where it is not.
const SIZES: [(u32, f64, f64); 2] = [(2_450, 1.5, 1.2), (24_500, 15.0, 12.0)];
/// Processes in a round, in each of which code is new once.
const PROCESSES: usize = 5;
/// How often code that is not new is initialised in each.
const AGAIN: usize = 4;

/// What the rounds found for one size, in milliseconds.
#[derive(Default)]
struct Found {
    first: Vec<f64>,
    again: Vec<f64>,
    bare: Vec<f64>,
}

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let (many, compiler, wow) = (build::many()?, build::compiler()?, build::wow()?);
    let bare = Bare::start(&build::bare()?);
    guests::build()?;
    let hello = Codes::compile(&wow, &compiler, &[wow_tests::guests::read("hello.rust")])?;
    let mut rows = Vec::new();
    for (functions, first, again) in SIZES {
        let component = wat::large(functions);
        #[expect(clippy::cast_precision_loss, reason = "some MB")]
        let megabytes = |bytes: usize| bytes as f64 / 1e6;
        let size = megabytes(component.len());
        let codes = Codes::compile(&wow, &compiler, &[component])?;
        let code = megabytes(usize::try_from(codes.sizes()?[0])?);
        let init = &codes.inits[0];
        let mut found = Found::default();
        for round in 1..=ROUNDS {
            eprintln!("== init of {size:.1} MB: round {round} of {ROUNDS}");
            let mut times = Found::default();
            for _ in 0..PROCESSES {
                let mut many = Many::start(&many, &codes.cache(), &compiler)?;
                // The process runs already when it meets the code, but has held nothing as large.
                first_call(many.container()?, &hello.inits[0], RUN)?;
                measure(&mut many, &bare, init, &mut times)?;
            }
            found.first.push(median(times.first));
            found.again.push(median(times.again));
            found.bare.push(median(times.bare));
        }
        let what =
            |when| format!("/init of {size:.1} MB, {code:.1} MB of code on disk, {when}, p50");
        let base = median(found.bare);
        rows.extend([
            Row::new(
                &what("new to the process"),
                median(found.first),
                "ms",
                Some(Bar::AtMost(first)),
            )
            .against(bare::NAME, base),
            Row::new(&what("verified before"), median(found.again), "ms", Some(Bar::AtMost(again)))
                .against(bare::NAME, base),
        ]);
    }
    Ok(rows)
}

/// One process: code that is new to it, then the same again while nobody holds it.
fn measure(many: &mut Many, bare: &Bare, init: &[u8], times: &mut Found) -> anyhow::Result<()> {
    for turn in 0..=AGAIN {
        times.bare.push(timed(|| post(bare.address, "/init", init))?);
        let container = many.container()?;
        let time = timed(|| post(container, "/init", init))?;
        if turn == 0 {
            times.first.push(time)
        } else {
            times.again.push(time)
        }
        many.end_all()?;
    }
    Ok(())
}

fn timed(work: impl FnOnce() -> std::io::Result<()>) -> std::io::Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}
