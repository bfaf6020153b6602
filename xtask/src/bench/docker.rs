//! Containers of a docker daemon, as OpenWhisk's invoker has them where nobody put
//! anything in docker's place. The daemon is ours: its own data, gone after the bench.

use super::bare;
use super::codes::{RUN, first_call, post};
use super::peers::{NODE_SERVER, Process, express, first_answer, free_port, is_there, node_init};
use anyhow::{Context as _, ensure};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{fs, io};
use tempfile::TempDir;

/// The longest wait for the daemon to listen, or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// The images that a bench starts.
const STATIC: &str = "wow-bench/static";
const NODE: &str = "wow-bench/node";

/// A daemon that has two images: one static server, and Node.js with OpenWhisk's protocol.
pub(crate) struct Docker {
    daemon: Process,
    folder: TempDir,
}

impl Docker {
    /// Starts a daemon and makes the images.
    pub(crate) fn start(server: &Path) -> anyhow::Result<Self> {
        // Not installed by us: a package of docker starts a daemon for the whole machine.
        for program in ["dockerd", "docker"] {
            ensure!(is_there(program), "{program} is not installed: `apt-get install docker.io`");
        }
        let folder = tempfile::tempdir()?;
        let mut command = Command::new("dockerd");
        for option in ["data-root", "exec-root", "pidfile"] {
            command.arg(format!("--{option}")).arg(folder.path().join(option));
        }
        command.arg("--host").arg(socket(&folder));
        // Containers have the machine's network, as crun's: nothing of it is touched.
        command.args(["--bridge=none", "--iptables=false"]);
        let log = fs::File::create(folder.path().join("log"))?;
        let daemon = Process::start_logging(&mut command, Stdio::null(), log)?;
        let mut docker = Self { daemon, folder };
        docker.listens()?;
        docker.import(STATIC, |root| {
            fs::copy(server, root.join("server"))?;
            Ok(())
        })?;
        docker.import(NODE, node_root)?;
        Ok(docker)
    }

    /// Milliseconds from `docker run` to the answer of a static server.
    pub(crate) fn static_server(&self) -> anyhow::Result<f64> {
        let address = free_port()?;
        let arguments = [STATIC, "/server", bare::ANSWER, &address.to_string()];
        self.first_answer(&arguments, address, |address| post(address, "/run", RUN))
    }

    /// Milliseconds from `docker run` to the answer of `/run` of Node.js.
    pub(crate) fn node(&self) -> anyhow::Result<f64> {
        let (address, init) = (free_port()?, node_init());
        let arguments = [NODE, "/usr/bin/node", "/action.js", &address.port().to_string()];
        self.first_answer(&arguments, address, |address| first_call(address, &init, RUN))
    }

    /// Starts a container, and removes it when it has answered.
    fn first_answer(
        &self,
        arguments: &[&str],
        address: SocketAddr,
        ask: impl Fn(SocketAddr) -> io::Result<()>,
    ) -> anyhow::Result<f64> {
        let name = format!("first-answer-{}", address.port());
        let run = ["run", "--detach", "--network", "host", "--name", &name];
        let found = first_answer(|| self.command(&[&run, arguments].concat()), address, ask);
        let removed = self.command(&["rm", "--force", &name]);
        // If it never was there, why it was not is what counts.
        found.and_then(|milliseconds| removed.map(|_| milliseconds))
    }

    /// Waits until the daemon answers.
    fn listens(&mut self) -> anyhow::Result<()> {
        let start = Instant::now();
        while let Err(error) = self.command(&["info"]) {
            if self.daemon.ended()?.is_some() || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.folder.path().join("log"))?;
                let last = log.lines().last().unwrap_or_default();
                return Err(error.context(format!("the docker daemon does not start: {last}")));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Makes an image of what `fill` puts into a folder.
    fn import(
        &self,
        image: &str,
        fill: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let root = tempfile::tempdir_in(self.folder.path())?;
        let archive = root.path().with_extension("tar");
        fill(root.path())?;
        let mut tar = Command::new("tar");
        output(tar.arg("-C").arg(root.path()).arg("-cf").arg(&archive).arg("."))?;
        self.command(&["import", archive.to_str().context("its name is text")?, image])?;
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        output(Command::new("docker").arg("--host").arg(socket(&self.folder)).args(arguments))
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        // Told to end, it takes down what it has mounted and started.
        self.daemon.terminate(PATIENCE);
    }
}

fn socket(folder: &TempDir) -> String {
    format!("unix://{}", folder.path().join("socket").display())
}

/// The program, what it is linked with, its server and the packages of that.
fn node_root(root: &Path) -> anyhow::Result<()> {
    let node = output(Command::new("sh").args(["-c", "command -v node"]))?;
    let libraries = output(Command::new("ldd").arg(node.trim()))?;
    // A library is the one word of its line that is a path.
    let libraries = libraries.split_whitespace().filter(|word| word.starts_with('/'));
    let mut copy = Command::new("cp");
    output(copy.args(["--dereference", "--parents"]).args(libraries).arg(root))?;
    fs::create_dir_all(root.join("usr/bin"))?;
    fs::copy(node.trim(), root.join("usr/bin/node"))?;
    fs::copy(NODE_SERVER, root.join("action.js"))?;
    let mut copy = Command::new("cp");
    output(copy.arg("--recursive").arg(express()?).arg(root.join("node_modules")))?;
    Ok(())
}

/// What a program prints that must succeed.
fn output(command: &mut Command) -> anyhow::Result<String> {
    let found = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    let said = String::from_utf8_lossy(&found.stderr);
    ensure!(found.status.success(), "{command:?}: {}", said.trim());
    Ok(String::from_utf8(found.stdout)?)
}
