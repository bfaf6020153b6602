//! Processes that somebody starts for an action: how long until the first answer.

use super::codes::post;
use anyhow::{Context as _, bail, ensure};
use serde_json::json;
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use tempfile::TempDir;
use wow_tests::PATIENCE;

/// A Node.js server that speaks `/init` and `/run`.
const NODE_SERVER: &str = "xtask/src/bench/action.js";
/// What it runs.
const NODE_ACTION: &str = "function main({ name }) { return { greeting: `Hello, ${name}!` } }";

/// Milliseconds from the start of a process until `ask` got its answer. Whoever is
/// refused asks again at once; OpenWhisk would wait for 50 ms.
pub(crate) fn first_answer(
    command: &mut Command,
    address: SocketAddr,
    ask: impl Fn(SocketAddr) -> io::Result<()>,
) -> anyhow::Result<f64> {
    let start = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut process = Process(child.with_context(|| format!("cannot start {command:?}"))?);
    loop {
        match ask(address) {
            Ok(()) => return Ok(start.elapsed().as_secs_f64() * 1000.0),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(status) = process.0.try_wait()? {
            let mut text = String::new();
            let stderr = process.0.stderr.as_mut().context("piped")?;
            io::Read::read_to_string(stderr, &mut text)?;
            bail!("it ended before it answered: {status}: {}", text.trim());
        }
        ensure!(start.elapsed() < PATIENCE, "it does not answer");
    }
}

/// A port that is free now.
pub(crate) fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

/// From the start of Node.js to the answer of `/run`.
pub(crate) fn node() -> anyhow::Result<f64> {
    let address = free_port()?;
    let mut node = Command::new("node");
    node.arg(NODE_SERVER).arg(address.port().to_string());
    let init = json!({ "value": { "name": "hello", "main": "main", "code": NODE_ACTION } });
    let init = init.to_string().into_bytes();
    first_answer(&mut node, address, |address| {
        super::codes::first_call(address, &init, super::codes::RUN)
    })
}

/// A container that is a static server, by crun.
pub(crate) struct Crun {
    bundle: TempDir,
}

impl Crun {
    /// Makes a root file system of the one file.
    pub(crate) fn new(server: &Path) -> anyhow::Result<Self> {
        install("crun")?;
        let bundle = tempfile::tempdir()?;
        let root = bundle.path().join("rootfs");
        fs::create_dir_all(root.join("proc"))?;
        fs::copy(server, root.join("server"))?;
        Ok(Self { bundle })
    }

    /// From `crun run` to the answer of the one request.
    pub(crate) fn start(&self) -> anyhow::Result<f64> {
        let address = free_port()?;
        let id = format!("wow-bench-{}-{}", std::process::id(), address.port());
        let config = json!({
            "ociVersion": "1.0.2",
            "process": {
                "user": { "uid": 0, "gid": 0 }, "cwd": "/",
                "args": ["/server", r#"{"greeting":"Hello, Ada!"}"#, address.to_string()],
            },
            "root": { "path": "rootfs", "readonly": true },
            "mounts": [{ "destination": "/proc", "type": "proc", "source": "proc" }],
            // The network is the machine's: to make one takes longer.
            "linux": { "namespaces": [
                { "type": "pid" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" },
            ] },
        });
        fs::write(self.bundle.path().join("config.json"), config.to_string())?;
        let mut run = self.crun();
        run.args(["run", "--bundle"]).arg(self.bundle.path()).arg(&id);
        let ask = |address| post(address, "/run", super::codes::RUN);
        let found = first_answer(&mut run, address, ask);
        // The container outlives a `crun run` that was ended.
        let _ = self.crun().args(["delete", "--force", &id]).stderr(Stdio::null()).status();
        found
    }

    fn crun(&self) -> Command {
        let mut crun = Command::new("crun");
        // Control groups cost more time, and not every machine has them.
        crun.arg("--cgroup-manager=disabled").arg("--root").arg(self.bundle.path().join("state"));
        crun
    }
}

/// Finds a program, or installs the package of that name where that is possible.
pub(crate) fn install(program: &str) -> anyhow::Result<()> {
    let found = || Command::new(program).arg("--version").output().is_ok();
    if !found() {
        let install = ["install", "-y", "-qq", "--no-install-recommends", program];
        let _ = Command::new("apt-get").args(install).output();
    }
    ensure!(found(), "{program} is not installed: `apt-get install {program}`");
    Ok(())
}

/// A child that ends with its owner.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
