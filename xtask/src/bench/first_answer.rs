//! The first answer of somebody who has only `wow`: `wow new`, `wow dev`, one request. Nothing is on the
//! path, nothing is compiled before.

use super::row::{Bar, Row};
use super::{ROUNDS, build, median};
use anyhow::{Context as _, ensure};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use wow_tests::dev::Dev;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    let (wow, compiler) = (build::developers()?, build::compiler()?);
    let measured =
        (0..ROUNDS).map(|_| first_answer(&wow, &compiler)).collect::<anyhow::Result<_>>()?;
    let what = "`wow new` and `wow dev` to the first answer, nothing built before, p50";
    Ok(vec![Row::new(what, median(measured), "s", Some(Bar::AtMost(60.0)))])
}

/// Seconds.
fn first_answer(wow: &Path, compiler: &Path) -> anyhow::Result<f64> {
    let above = tempfile::tempdir()?;
    let alone = |folder: &Path| {
        let mut command = Command::new(wow);
        command.current_dir(folder).env_clear().stdout(Stdio::null());
        command.env("WOW_COMPILE", compiler).env("WOW_CACHE", above.path().join("cache"));
        command
    };
    let start = Instant::now();
    let status = alone(above.path()).args(["new", "hello"]).status().context("cannot run `wow`")?;
    ensure!(status.success(), "`wow new` failed: {status}");
    let dev = Dev::start(&mut alone(&above.path().join("hello")));
    let (address, _) = dev.served();
    let (status, answer) = Dev::post(address, "{\"name\":\"Ada\"}").whole();
    let elapsed = start.elapsed().as_secs_f64();
    ensure!(status == 200 && answer["greeting"] == "Hello, Ada!", "{status}: {answer}");
    Ok(elapsed)
}
