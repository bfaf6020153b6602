//! A server under load: started once, known to answer rightly, ended with its owner.

use super::codes::{RUN, first_call, post};
use super::load::{self, Load};
use super::peers::{Process, free_port, patiently};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use wow_tests::{SENTINEL, client};

/// What a server is asked again and again.
#[derive(Clone)]
pub(crate) struct Call {
    /// The body of the `/run`.
    pub(crate) run: Vec<u8>,
    /// The right answer.
    pub(crate) answer: Value,
}

impl Call {
    /// The action `hello`.
    pub(crate) fn hello() -> Self {
        Self { run: RUN.to_vec(), answer: json!({ "greeting": "Hello, Ada!" }) }
    }

    /// An action that is called with parameters.
    pub(crate) fn new(parameters: &Value, answer: Value) -> Self {
        Self { run: json!({ "value": parameters }).to_string().into_bytes(), answer }
    }
}

/// A server of an action, whatever it is made of. What it says goes to files.
pub(crate) struct Server {
    call: Call,
    address: SocketAddr,
    process: Process,
    stderr: PathBuf,
}

impl Server {
    /// Starts one of the action `hello`.
    pub(crate) fn start(
        logs: &Path,
        init: Option<&[u8]>,
        command: impl FnOnce(SocketAddr) -> Command,
    ) -> anyhow::Result<Self> {
        Self::start_for(Call::hello(), logs, init, command)
    }

    /// Starts one that listens where it is told, and initialises it if it wants that. The
    /// port is one that nobody has: whoever was left running is not asked instead.
    pub(crate) fn start_for(
        call: Call,
        logs: &Path,
        init: Option<&[u8]>,
        command: impl FnOnce(SocketAddr) -> Command,
    ) -> anyhow::Result<Self> {
        let address = free_port()?;
        let log = |stream| logs.join(format!("{}.{stream}", address.port()));
        let stderr = log("stderr");
        let files = (File::create(log("stdout"))?, File::create(&stderr)?);
        let process = Process::start_logging(&mut command(address), files.0, files.1)?;
        let mut server = Self { call, address, process, stderr };
        let answered = patiently(address, |address| match init {
            Some(init) => first_call(address, init, &server.call.run),
            None => post(address, "/run", &server.call.run),
        });
        answered.and_then(|()| server.check()).with_context(|| server.last_words())?;
        Ok(server)
    }

    /// Loads it with `/run` for two seconds.
    pub(crate) fn load(&mut self, connections: u32) -> anyhow::Result<Load> {
        let body = String::from_utf8_lossy(&self.call.run);
        let load = load::post(self.address, &body, connections);
        // An answer to another server's load would be worse than none.
        load.and_then(|load| self.check().map(|()| load)).with_context(|| self.last_words())
    }

    /// Whether it lives, and answers what the action answers.
    fn check(&mut self) -> anyhow::Result<()> {
        if let Some(status) = self.process.ended()? {
            anyhow::bail!("it ended: {status}");
        }
        let reply = client::post(self.address, "/run", &self.call.run)?;
        let text = String::from_utf8_lossy(&reply.body);
        let right = &self.call.answer;
        let same = serde_json::from_str(&text).is_ok_and(|answer: Value| answer == *right);
        ensure!(reply.status == 200 && same, "it answers {} {text}, not {right}", reply.status);
        Ok(())
    }

    /// The last line on its stderr that it wrote for people.
    fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.stderr).unwrap_or_default();
        text.lines().rfind(|line| *line != SENTINEL).unwrap_or("it said nothing").to_owned()
    }
}
