//! OpenWhisk's invoker, as far as containers notice it: the commands that it runs,
//! in its order and word for word (`DockerContainerFactory.scala`,
//! `DockerClientWithFileAccess.scala`), its file reads, its HTTP. Knows containers by
//! their ids, their files and their addresses; never asks the executor.

use crate::client::{self, Reply};
use crate::{PATIENCE, SENTINEL};
use serde_json::{Value, json};
use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Between two attempts to reach a container whose port is not open yet.
const RETRY: Duration = Duration::from_millis(50);
/// Between two looks into a log file (`FileTailSource`).
const TAIL: Duration = Duration::from_millis(5);
/// How long a log may say nothing before its sentinels (`DockerContainer.scala`).
const IDLE_LOG: Duration = Duration::from_secs(2);

/// What a command said when it failed.
#[derive(Debug, PartialEq)]
pub struct Failed {
    /// The exit status.
    pub status: i32,
    /// Standard output: an id here would be removed.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Installs `wow-docker` as an operator does: as `docker` in a folder, its configuration
/// beside it.
///
/// # Panics
///
/// If it is not built.
pub fn install(program: &Path, folder: &Path, socket: &Path) -> PathBuf {
    let docker = folder.join("docker");
    // Another file system takes a copy.
    fs::hard_link(program, &docker)
        .or_else(|_| fs::copy(program, &docker).map(drop))
        .unwrap_or_else(|e| panic!("{}: {e}: run `cargo xtask test`", program.display()));
    let config =
        format!("socket = '{}'\nlog = '{}'\n", socket.display(), folder.join("log").display());
    fs::write(folder.join("wow-docker.toml"), config).expect("the folder is ours");
    docker
}

/// An invoker, on a machine with a `docker`.
#[derive(Debug)]
pub struct Invoker {
    docker: PathBuf,
    containers: PathBuf,
    port: Cell<u16>,
    prefix: String,
    made: Cell<usize>,
}

impl Invoker {
    /// Starts as the invoker does: asks for docker's version, and removes what an
    /// earlier one of the same name left. In OpenWhisk the port is 8080.
    ///
    /// # Panics
    ///
    /// If docker does not do what an invoker needs to start.
    pub fn start(docker: &Path, containers: &Path, port: u16, name: &str) -> Self {
        let (docker, containers) = (docker.to_owned(), containers.to_owned());
        let prefix = format!("wsk{name}_");
        let (port, made) = (Cell::new(port), Cell::new(0));
        let invoker = Self { docker, containers, port, prefix, made };
        let version = invoker.docker(&["version", "--format", "{{.Client.Version}}"]).unwrap();
        assert!(!version.is_empty() && !version.starts_with("1.12"), "{version}");
        invoker.remove_all();
        invoker
    }

    /// Containers answer on another port from now on: in OpenWhisk it is always 8080, in tests
    /// whichever was free.
    pub fn set_port(&self, port: u16) {
        self.port.set(port);
    }

    /// The ids of its containers.
    ///
    /// # Panics
    ///
    /// If docker cannot say.
    pub fn list(&self) -> Vec<String> {
        let filter = format!("name={}", self.prefix);
        let ps = ["ps", "--quiet", "--no-trunc", "--all", "--filter", &filter];
        self.docker(&ps).unwrap().lines().map(str::to_owned).collect()
    }

    /// Removes its containers, as at its start and its end.
    pub fn remove_all(&self) {
        for id in self.list() {
            // They may be paused or not: a failure is ignored.
            let _ = self.docker(&["unpause", &id]);
            self.docker(&["rm", "-f", &id]).unwrap();
        }
    }

    /// Starts a container: a cold start, or one made ahead (`prewarm_wasm1`).
    pub fn create(&self, what: &str, image: &str, megabytes: u32) -> Result<Container<'_>, Failed> {
        self.made.set(self.made.get() + 1);
        let name = format!("{}{}_{what}", self.prefix, self.made.get());
        let memory = format!("{megabytes}m");
        let id = self.docker(&[
            "run",
            "-d",
            "--cpu-shares",
            "256",
            "--memory",
            &memory,
            "--memory-swap",
            &memory,
            "--network",
            "bridge",
            "-e",
            "__OW_API_HOST=http://127.0.0.1:3233",
            "--name",
            &name,
            "--cap-drop",
            "NET_RAW",
            "--cap-drop",
            "NET_ADMIN",
            "--ulimit",
            "nofile=1024:1024",
            "--pids-limit",
            "1024",
            "--log-driver",
            "json-file",
            image,
        ])?;
        let address = SocketAddr::new(self.address(&id)?, self.port.get());
        Ok(Container { invoker: self, id, address, read: 0 })
    }

    /// A container's address: from its file, which is there by now, else by a command.
    fn address(&self, id: &str) -> Result<IpAddr, Failed> {
        let file = self.containers.join(id).join("config.v2.json");
        let address = fs::read(file).ok().and_then(|bytes| {
            let config: Value = serde_json::from_slice(&bytes).ok()?;
            let networks = &config["NetworkSettings"]["Networks"];
            Some(networks["bridge"]["IPAddress"].as_str()?.to_owned())
        });
        let template = "{{.NetworkSettings.Networks.bridge.IPAddress}}";
        let address = match address {
            Some(address) => address,
            None => self.docker(&["inspect", "--format", template, id])?,
        };
        Ok(address.parse().unwrap_or_else(|e| panic!("{e}: {address}")))
    }

    /// Runs a command: its standard output without the last line's end.
    pub fn docker(&self, arguments: &[&str]) -> Result<String, Failed> {
        let output = Command::new(&self.docker).args(arguments).output().expect("docker is there");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        if output.status.success() {
            return Ok(stdout);
        }
        Err(Failed { status: output.status.code().unwrap_or(-1), stdout, stderr })
    }
}

/// A container that an invoker started.
#[derive(Debug)]
pub struct Container<'a> {
    invoker: &'a Invoker,
    /// As `docker run` printed it.
    pub id: String,
    /// Where its action answers.
    pub address: SocketAddr,
    read: u64,
}

impl Container<'_> {
    /// Posts `/init`, again and again until the port is open.
    ///
    /// # Panics
    ///
    /// If that takes longer than any test waits.
    pub fn init(&self, body: &Value) -> io::Result<Reply> {
        let start = Instant::now();
        loop {
            match client::post(self.address, "/init", body.to_string().as_bytes()) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    assert!(start.elapsed() < PATIENCE, "{} never opened", self.address);
                    thread::sleep(RETRY);
                }
                answer => return answer,
            }
        }
    }

    /// Posts `/run`, once: a refused connection sends the activation elsewhere.
    pub fn run(&self, parameters: &Value) -> io::Result<Reply> {
        let body = run_body(parameters, Duration::from_secs(60));
        client::post(self.address, "/run", body.to_string().as_bytes())
    }

    /// Pauses it, as after ten idle seconds.
    pub fn pause(&self) -> Result<String, Failed> {
        self.invoker.docker(&["pause", &self.id])
    }

    /// Resumes it, as before the next activation or its removal.
    pub fn unpause(&self) -> Result<String, Failed> {
        self.invoker.docker(&["unpause", &self.id])
    }

    /// Removes it.
    pub fn remove(&self) -> Result<String, Failed> {
        self.invoker.docker(&["rm", "-f", &self.id])
    }

    /// The log of one activation from the file, as `DockerToActivationLogStore` collects
    /// it: from where the last one ended, until both sentinels are there.
    ///
    /// # Errors
    ///
    /// If they do not come: OpenWhisk would destroy the container.
    pub fn collect(&mut self) -> Result<Vec<String>, String> {
        let name = format!("{}-json.log", self.id);
        let path = self.invoker.containers.join(&self.id).join(name);
        let mut file = File::open(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        if !file.metadata().is_ok_and(|facts| facts.is_file()) {
            return Err(format!("{} is no regular file", path.display()));
        }
        let mut bytes = Vec::new();
        let mut last = Instant::now();
        loop {
            file.seek(SeekFrom::Start(self.read + bytes.len() as u64))
                .map_err(|e| e.to_string())?;
            if file.read_to_end(&mut bytes).map_err(|e| e.to_string())? > 0 {
                last = Instant::now();
            }
            if let Some((lines, length)) = activation(&bytes)? {
                self.read += length as u64;
                return Ok(lines);
            }
            if last.elapsed() > IDLE_LOG {
                return Err("There was an issue while collecting your logs".to_owned());
            }
            thread::sleep(TAIL);
        }
    }

    /// The same by `DockerCliLogStore`: everything from the second in which the
    /// activation began to the one after its end, up to the first sentinel.
    pub fn collect_with_docker(&self, start: SystemTime) -> Result<Vec<String>, Failed> {
        let second =
            |time: SystemTime| time.duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let (since, until) = (second(start), second(SystemTime::now()) + 1);
        let (since, until) = (since.to_string(), until.to_string());
        let line = ["logs", &self.id, "--since", &since, "--until", &until, "--timestamps"];
        let said = self.invoker.docker(&line)?;
        let lines = said.lines().take_while(|line| !line.contains(SENTINEL));
        Ok(lines.map(str::to_owned).collect())
    }
}

/// The first activation's lines in what was read of a log, and its length in bytes.
fn activation(bytes: &[u8]) -> Result<Option<(Vec<String>, usize)>, String> {
    let (mut lines, mut length, mut sentinels) = (Vec::new(), 0, 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.last() != Some(&b'\n') {
            break;
        }
        length += line.len();
        let entry: Value = serde_json::from_slice(line).map_err(|e| e.to_string())?;
        let field = |name: &str| entry[name].as_str().ok_or_else(|| format!("no {name}: {entry}"));
        let (time, stream, log) = (field("time")?, field("stream")?, field("log")?);
        if log.contains(SENTINEL) {
            sentinels += 1;
            if sentinels == 2 {
                return Ok(Some((lines, length)));
            }
            continue;
        }
        let text = log.strip_suffix('\n').unwrap_or(log);
        lines.push(format!("{time:<30} {stream}: {text}"));
    }
    Ok(None)
}

/// The body of a `/run`, with every field that OpenWhisk sends.
pub fn run_body(parameters: &Value, limit: Duration) -> Value {
    let deadline = SystemTime::now() + limit;
    let deadline = deadline.duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    json!({
        "value": parameters,
        "namespace": "guest",
        "action_name": "/guest/test",
        "action_version": "0.0.1",
        "activation_id": "0123456789abcdef0123456789abcdef",
        "transaction_id": "test",
        // A text, whatever OpenWhisk's documentation says.
        "deadline": deadline.to_string(),
    })
}

/// A log line as OpenWhisk keeps it, without its time.
pub fn without_time(lines: &[String]) -> Vec<&str> {
    let text = |line: &'_ str| line.find(" std").map_or(0, |place| place + 1);
    lines.iter().map(|line| line[text(line)..].trim_start()).collect()
}
