//! The program `wow` as a child process.

use crate::client::{self, Reply};
use crate::{Buffer, PATIENCE};
use serde_json::{Value, json};
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

/// The folder of the programs: where cargo puts them, beside the tests' own.
pub fn programs() -> PathBuf {
    let this = std::env::current_exe().expect("a program has a file");
    let folder = this.parent().expect("a file is in a folder");
    let folder = if folder.ends_with("deps") { folder.parent() } else { Some(folder) };
    folder.expect("deps is in a folder").to_owned()
}

/// The program `wow`.
///
/// # Panics
///
/// If it is not built.
pub fn wow() -> Command {
    let path = programs().join("wow");
    assert!(path.is_file(), "{} is not built: run `cargo xtask test`", path.display());
    Command::new(path)
}

/// `wow runtime` on a free port of the loopback address.
pub struct Runtime {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it tells the operator, if it was asked to.
    pub metrics: Option<SocketAddr>,
    /// What it said before it was ready.
    pub start: String,
    /// Its standard output.
    pub stdout: Buffer,
    /// Its standard error, without the line that says where it listens.
    pub stderr: Buffer,
    child: Ending,
}

impl Runtime {
    /// Starts it.
    pub fn start() -> Self {
        Self::start_with(&mut wow(), &[])
    }

    /// Starts it with more arguments, and an environment that `wow` has.
    pub fn start_with(wow: &mut Command, arguments: &[&str]) -> Self {
        if wow.get_envs().all(|(name, _)| name != "WOW_LOG") {
            wow.env("WOW_LOG", "warn,wow::cli=info");
        }
        let mut child = wow
            .args(["runtime", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("wow starts");
        let stdout = collect(child.stdout.take().expect("piped"));
        let stderr = collect(child.stderr.take().expect("piped"));
        // `INFO wow::cli::runtime: ready address=127.0.0.1:40123 metrics=127.0.0.1:40124`
        let ready = stderr.wait(|text| text.contains("ready address=") && text.ends_with('\n'));
        let field = |name: &str| {
            let (_, rest) = ready.rsplit_once(name)?;
            let value = rest.split_whitespace().next()?;
            Some(value.parse().unwrap_or_else(|e| panic!("{e}: {ready}")))
        };
        let address = field("address=").expect("waited for it");
        let metrics = field("metrics=");
        let (said, _) = ready.rsplit_once('\n').unwrap_or_default();
        let start = said.lines().filter(|line| !line.contains("ready address=")).collect();
        stderr.clear();
        Self { address, metrics, start, stdout, stderr, child: Ending(child) }
    }

    /// Starts it with a port for the operator.
    pub fn observed(arguments: &[&str]) -> Self {
        Self::start_with(&mut wow(), &[&["--metrics", "127.0.0.1:0"], arguments].concat())
    }

    /// What it tells the operator.
    pub fn told(&self, path: &str) -> (u16, String) {
        client::get(self.metrics.expect("asked for"), path).expect("a reply")
    }

    /// A metric's value, labels in its name.
    pub fn metric(&self, name: &str) -> f64 {
        let (_, metrics) = self.told("/metrics");
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in {metrics}")).parse().expect("a number")
    }

    /// Posts JSON.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        client::post(self.address, path, body.to_string().as_bytes()).expect("a reply")
    }

    /// Initializes it with code as it is uploaded.
    pub fn init(&self, code: &str) -> (u16, Value) {
        self.post("/init", &init_body(code, "main", json!({}))).whole()
    }

    /// Runs it with parameters.
    pub fn run(&self, parameters: &Value) -> (u16, Value) {
        self.post("/run", &json!({ "value": parameters })).whole()
    }

    /// Takes the log of one activation: stdout, stderr.
    pub fn log(&self) -> (String, String) {
        (self.stdout.activation(), self.stderr.activation())
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Sends it a signal, named as for `kill`.
    pub fn signal(&self, name: &str) {
        self.child.signal(name);
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait()
    }
}

/// A child process that ends when it is dropped.
pub(crate) struct Ending(pub(crate) Child);

impl Ending {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([name, &self.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "wow did not end");
            thread::yield_now();
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        // It may have ended already, and that is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The body of an `/init`, with every field that OpenWhisk sends.
pub fn init_body(code: &str, main: &str, env: Value) -> Value {
    json!({ "value": { "name": "test", "main": main, "binary": true, "code": code, "env": env } })
}

/// Reads a child's stream to its end.
pub(crate) fn collect(mut pipe: impl Read + Send + 'static) -> Buffer {
    let buffer = Buffer::default();
    let mut writer = buffer.clone();
    thread::spawn(move || io::copy(&mut pipe, &mut writer));
    buffer
}
