//! The program `wow executor` as a child process, spoken to over its control socket
//! and at the addresses of its containers.

use crate::client::{self, Reply};
use crate::process::{Ending, collect, init_body, wow};
use crate::{Buffer, PATIENCE};
use serde_json::{Value, json};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

/// `wow executor` with its socket and its containers in a folder.
pub struct Executor {
    /// Its standard error, without the line that says that it is ready.
    pub stderr: Buffer,
    folder: PathBuf,
    metrics: SocketAddr,
    child: Ending,
}

/// A container, as its maker was told.
#[derive(Clone, Debug)]
pub struct Virtual {
    /// Its id.
    pub id: String,
    /// Where it answers.
    pub address: SocketAddr,
}

impl Executor {
    /// Starts it on free ports.
    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// Starts it with more arguments.
    pub fn start_with(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_as(wow(), folder, arguments)
    }

    /// Starts a certain program.
    pub fn start_as(mut wow: Command, folder: &Path, arguments: &[&str]) -> Self {
        let mut child = command(&mut wow, folder, arguments).spawn().expect("wow starts");
        let stderr = collect(child.stderr.take().expect("piped"));
        // `… ready address=0.0.0.0:40123 metrics=127.0.0.1:40124 range=… socket=…`
        let ready = stderr.wait(|text| text.contains("ready address=") && text.ends_with('\n'));
        let (_, metrics) = ready.split_once("metrics=").expect("asked for");
        let metrics = metrics.split_whitespace().next().unwrap_or_default();
        let metrics = metrics.parse().unwrap_or_else(|e| panic!("{e}: {ready}"));
        stderr.clear();
        Self { stderr, folder: folder.to_owned(), metrics, child: Ending(child) }
    }

    /// Starts it where it must not start: what it says.
    pub fn refused(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
        let output = command(&mut wow(), folder, arguments).output().expect("wow runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// The control socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// Where the containers' folders are.
    pub fn containers(&self) -> PathBuf {
        self.folder.join("containers")
    }

    /// Asks the control API; `body` may be nothing.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> io::Result<Reply> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: wow\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = UnixStream::connect(self.socket())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all((head + body).as_bytes())?;
        client::receive(stream)
    }

    /// The same without a body: the whole answer.
    pub fn control(&self, method: &str, path: &str) -> (u16, Value) {
        self.ask(method, path, "").expect("a reply").whole()
    }

    /// Asks for a container: the whole answer.
    pub fn try_create(&self, spec: &Value) -> (u16, Value) {
        self.ask("POST", "/containers", &spec.to_string()).expect("a reply").whole()
    }

    /// Makes a container.
    pub fn create(&self, spec: &Value) -> Virtual {
        let (status, made) = self.try_create(spec);
        assert_eq!(status, 201, "{made}");
        let text = |name: &str| made[name].as_str().expect("text");
        let address = format!("{}:{}", text("address"), made["port"]);
        Virtual { id: text("id").to_owned(), address: address.parse().expect("an address") }
    }

    /// Makes a container with a name and nothing else.
    pub fn named(&self, name: &str) -> Virtual {
        self.create(&json!({ "name": name, "image": "wow/action-wasm-v1" }))
    }

    /// All that is known of a container.
    pub fn inspect(&self, key: &str) -> Value {
        let (status, found) = self.control("GET", &format!("/containers/{key}"));
        assert_eq!(status, 200, "{found}");
        found
    }

    /// Does something with a container that must work.
    pub fn command(&self, method: &str, path: &str) {
        assert_eq!(self.control(method, path), (200, json!({})), "{method} {path}");
    }

    /// Removes a container.
    pub fn remove(&self, key: &str) {
        self.command("DELETE", &format!("/containers/{key}"));
    }

    /// What it tells the operator.
    pub fn told(&self, path: &str) -> (u16, String) {
        client::get(self.metrics, path).expect("a reply")
    }

    /// A metric's value, labels in its name.
    pub fn metric(&self, name: &str) -> f64 {
        let (_, metrics) = self.told("/metrics");
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in {metrics}")).parse().expect("a number")
    }

    /// Waits until a metric has a value.
    pub fn wait_for(&self, name: &str, value: f64) {
        let start = Instant::now();
        while (self.metric(name) - value).abs() > f64::EPSILON {
            assert!(start.elapsed() < PATIENCE, "{name} is {}, not {value}", self.metric(name));
            thread::yield_now();
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
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

/// Arguments win over what is usual.
fn command<'a>(wow: &'a mut Command, folder: &Path, arguments: &[&str]) -> &'a mut Command {
    if wow.get_envs().all(|(name, _)| name != "WOW_LOG") {
        wow.env("WOW_LOG", "warn,wow::cli=info");
    }
    let (socket, containers) = (folder.join("socket"), folder.join("containers"));
    // Of the user's own cache nothing is read that no test asks for.
    let usual = [
        ("--read-ahead", "0".as_ref()),
        ("--listen", "0.0.0.0:0".as_ref()),
        ("--metrics", "127.0.0.1:0".as_ref()),
        ("--socket", socket.as_os_str()),
        ("--containers", containers.as_os_str()),
    ];
    wow.arg("executor");
    for (flag, value) in usual.into_iter().filter(|(flag, _)| !arguments.contains(flag)) {
        wow.arg(flag).arg(value);
    }
    wow.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped())
}

impl Virtual {
    /// Posts JSON to it.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        client::post(self.address, path, body.to_string().as_bytes()).expect("a reply").whole()
    }

    /// Initializes it with code as it is uploaded.
    pub fn init(&self, code: &str) -> (u16, Value) {
        self.post("/init", &init_body(code, "main", json!({})))
    }

    /// Initializes it with code that must be fine.
    pub fn load(&self, code: &str) {
        assert_eq!(self.init(code), (200, json!({ "ok": true })));
    }

    /// Runs it with parameters.
    pub fn run(&self, parameters: &Value) -> (u16, Value) {
        self.post("/run", &json!({ "value": parameters }))
    }
}
