//! Processes that somebody starts for an action: how long until the first answer.

use super::bare;
use super::codes::{RUN, first_call, post};
use super::npm;
use anyhow::{Context as _, ensure};
use serde_json::json;
use std::fs;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The framework of OpenWhisk's runtime for Node.js, in the version that the table was made with.
const EXPRESS: &str = "4.22.3";
/// A server on it that speaks `/init` and `/run`.
pub(crate) const NODE_SERVER: &str = "xtask/src/bench/action.js";
/// What it runs.
const NODE_ACTION: &str = "function main({ name }) { return { greeting: `Hello, ${name}!` } }";

/// The longest wait for a first answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How soon one asks again who was refused. OpenWhisk waits for 50 ms, which would be
/// all that is measured; without a pause the client takes a processor from the start.
const PAUSE: Duration = Duration::from_micros(100);

/// Where [`free_port`] begins: Linux gives clients those from 32768 on.
const FIRST_PORT: u16 = 20_000;

/// Milliseconds from the start of a process until `ask` got its answer.
pub(crate) fn first_answer<P>(
    start: impl FnOnce() -> anyhow::Result<P>,
    address: SocketAddr,
    ask: impl Fn(SocketAddr) -> io::Result<()>,
) -> anyhow::Result<f64> {
    let begin = Instant::now();
    let _process = start()?;
    patiently(address, ask)?;
    Ok(begin.elapsed().as_secs_f64() * 1000.0)
}

/// Asks until somebody listens there.
pub(crate) fn patiently(
    address: SocketAddr,
    ask: impl Fn(SocketAddr) -> io::Result<()>,
) -> anyhow::Result<()> {
    let begin = Instant::now();
    loop {
        match ask(address) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => thread::sleep(PAUSE),
            Err(error) => return Err(error.into()),
        }
        ensure!(begin.elapsed() < PATIENCE, "it does not answer in {} s", PATIENCE.as_secs());
    }
}

/// A port that is free now, and that the kernel gives to no client: one that connects to a port
/// which nobody listens at, again and again, is at last given that port itself, and then answers
/// itself.
pub(crate) fn free_port() -> io::Result<SocketAddr> {
    static NEXT: AtomicU16 = AtomicU16::new(FIRST_PORT);
    loop {
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        match TcpListener::bind(("127.0.0.1", port)) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            listener => return listener?.local_addr(),
        }
    }
}

/// From the start of Node.js to the answer of `/run`.
pub(crate) fn node() -> anyhow::Result<f64> {
    let address = free_port()?;
    let (mut node, init) = (node_server()?(address), node_init());
    first_answer(|| Process::start(&mut node), address, |address| first_call(address, &init, RUN))
}

/// Finds or installs what it needs; what starts Node.js, to listen where it is told.
pub(crate) fn node_server() -> anyhow::Result<impl Fn(SocketAddr) -> Command> {
    let modules = express()?;
    Ok(move |address: SocketAddr| {
        let mut node = Command::new("node");
        node.arg(NODE_SERVER).arg(address.port().to_string()).env("NODE_PATH", &modules);
        node
    })
}

/// Finds or installs its framework: where that and what it needs are.
pub(crate) fn express() -> anyhow::Result<PathBuf> {
    npm::package("express", EXPRESS)?;
    Ok(npm::modules().canonicalize()?)
}

/// The body of its `/init`.
pub(crate) fn node_init() -> Vec<u8> {
    node_init_of(NODE_ACTION)
}

/// The body of its `/init` with the function `main` of a script.
pub(crate) fn node_init_of(code: &str) -> Vec<u8> {
    let init = json!({ "value": { "name": "action", "main": "main", "code": code } });
    init.to_string().into_bytes()
}

/// Containers that hold one static server, by crun.
pub(crate) struct Crun {
    bundle: TempDir,
    /// Starts a container for each line that it reads.
    shell: Process,
    stdin: ChildStdin,
}

/// A shell in file systems of its own. crun 1.8 does not start where both versions of
/// control groups are mounted, as systemd's hybrid mode has it, so one of them is hidden.
const SHELL: &str = "
    test ! -d /sys/fs/cgroup/unified || mount -t tmpfs none /sys/fs/cgroup/unified || exit
    while read -r id; do
        crun --cgroup-manager=disabled --root state run --bundle . $id &
    done";

impl Crun {
    /// Makes a root file system of the one file.
    pub(crate) fn new(server: &Path) -> anyhow::Result<Self> {
        install("crun")?;
        let bundle = tempfile::tempdir()?;
        let root = bundle.path().join("rootfs");
        for folder in ["proc", "dev"] {
            fs::create_dir_all(root.join(folder))?;
        }
        fs::copy(server, root.join("server"))?;
        let mut shell = Command::new("unshare");
        shell.args(["--mount", "sh", "-c", SHELL]).current_dir(bundle.path());
        let mut shell = Process(shell.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?);
        let stdin = shell.0.stdin.take().context("piped")?;
        Ok(Self { bundle, shell, stdin })
    }

    /// From `crun run` to the answer of the one request.
    pub(crate) fn start(&mut self) -> anyhow::Result<f64> {
        let address = free_port()?;
        let id = format!("wow-bench-{}-{}", self.shell.0.id(), address.port());
        let config = json!({
            "ociVersion": "1.0.2",
            "process": {
                "user": { "uid": 0, "gid": 0 }, "cwd": "/",
                "args": ["/server", bare::ANSWER, address.to_string()],
            },
            "root": { "path": "rootfs", "readonly": true },
            "mounts": [{ "destination": "/proc", "type": "proc", "source": "proc" }],
            // The network is the machine's: to make one takes longer.
            "linux": { "namespaces": [
                { "type": "pid" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" },
            ] },
        });
        fs::write(self.bundle.path().join("config.json"), config.to_string())?;
        let run = || Ok(writeln!(self.stdin, "{id}")?);
        let found = first_answer(run, address, |address| post(address, "/run", RUN));
        let state = self.bundle.path().join("state");
        let mut delete = Command::new("crun");
        delete.arg("--cgroup-manager=disabled").arg("--root").arg(state);
        // One that never started is not there to delete.
        let _ = delete.args(["delete", "--force", &id]).stderr(Stdio::null()).status();
        found
    }
}

/// Finds a program, or installs the package of that name where that is possible.
pub(crate) fn install(program: &str) -> anyhow::Result<()> {
    if !is_there(program) {
        let install = ["install", "-y", "-qq", "--no-install-recommends", program];
        let _ = Command::new("apt-get").args(install).output();
    }
    ensure!(is_there(program), "{program} is not installed: `apt-get install {program}`");
    Ok(())
}

/// Whether a program can be started.
pub(crate) fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// A child that ends with its owner.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a program, and lets nobody hear what it says.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        Self::start_logging(command, Stdio::null(), Stdio::null())
    }

    /// Starts a program that says what it says there.
    pub(crate) fn start_logging(
        command: &mut Command,
        stdout: impl Into<Stdio>,
        stderr: impl Into<Stdio>,
    ) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        Ok(Self(command.spawn().with_context(|| format!("cannot start {command:?}"))?))
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.0.try_wait()
    }

    /// Tells it to end, and waits for that.
    pub(crate) fn terminate(&mut self, patience: Duration) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let start = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && start.elapsed() < patience {
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_is_given_once_and_to_no_client() {
        let ports = [free_port(), free_port()].map(|port| port.expect("a port").port());
        assert!(FIRST_PORT <= ports[0] && ports[0] < ports[1] && ports[1] < 32_768, "{ports:?}");
    }
}
