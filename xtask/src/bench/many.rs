//! The program `host/benches/src/bin/many.rs` as a child process.

use super::executor::deployed;
use anyhow::{Context as _, ensure};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread;

/// Many containers in one process.
pub(crate) struct Many {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Many {
    pub(crate) fn start(program: &Path, cache: &Path, compiler: &Path) -> anyhow::Result<Self> {
        let mut child = deployed(program)?
            .args([cache, compiler])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start the containers")?;
        let stdin = child.stdin.take().context("piped")?;
        let stdout = BufReader::new(child.stdout.take().context("piped")?);
        // A platform reads the logs, and that costs both sides.
        let mut logs = child.stderr.take().context("piped")?;
        thread::spawn(move || io::copy(&mut logs, &mut io::sink()));
        Ok(Self { child, stdin, stdout })
    }

    /// Makes a container, and says where it listens.
    pub(crate) fn container(&mut self) -> anyhow::Result<SocketAddr> {
        Ok(self.ask("container")?.parse()?)
    }

    /// Ends all containers, with their actions.
    pub(crate) fn end_all(&mut self) -> anyhow::Result<()> {
        self.ask("drop")?;
        let loaded = self.ask("loaded")?;
        ensure!(loaded == "0", "{loaded} components are loaded, and nobody has them");
        Ok(())
    }

    /// Puts all code to sleep.
    pub(crate) fn hibernate(&mut self) -> anyhow::Result<()> {
        let loaded = self.ask("hibernate")?;
        ensure!(loaded == "0", "{loaded} components do not sleep");
        Ok(())
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn ask(&mut self, command: &str) -> anyhow::Result<String> {
        writeln!(self.stdin, "{command}")?;
        let mut answer = String::new();
        self.stdout.read_line(&mut answer)?;
        ensure!(answer.ends_with('\n'), "the containers ended when asked to `{command}`");
        Ok(answer.trim_end().to_owned())
    }
}

impl Drop for Many {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
