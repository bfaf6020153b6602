//! The program `host/benches/src/bin/inside.rs`: activations inside one process.

use super::build;
use anyhow::{Context as _, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// How often an activation is measured. A process takes half a second, and whom this machine
/// shares its processors with makes one or the other slow by two thirds for as long: more rounds
/// than elsewhere, or the median is of those.
pub(crate) const ROUNDS: usize = 21;

/// The program, and where it finds compiled code.
pub(super) struct Inside {
    program: PathBuf,
    compiler: PathBuf,
    cache: TempDir,
}

impl Inside {
    pub(super) fn build() -> anyhow::Result<Self> {
        let (program, compiler) = (build::inside()?, build::compiler()?);
        Ok(Self { program, compiler, cache: tempfile::tempdir()? })
    }

    /// The nanoseconds of so many activations of a function, in their order.
    pub(super) fn run(
        &self,
        mode: &str,
        component: &Path,
        main: &str,
        parameters: &str,
        count: usize,
    ) -> anyhow::Result<Vec<f64>> {
        let output = Command::new(&self.program)
            .arg(mode)
            .arg(component)
            .args([main, parameters, &count.to_string()])
            .arg(self.cache.path().join("cache"))
            .arg(&self.compiler)
            .output()
            .context("cannot run the bench `inside`")?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the bench `inside` failed: {stderr}");
        numbers(&output.stdout)
    }
}

/// The numbers of a text, one a line.
pub(super) fn numbers(text: &[u8]) -> anyhow::Result<Vec<f64>> {
    let text = std::str::from_utf8(text)?;
    text.lines().map(|line| line.parse().with_context(|| format!("{line:?}"))).collect()
}
