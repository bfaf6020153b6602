//! From a component's bytes to machine code, by the child process `wow-compile`.
//!
//! The host cannot compile. A compilation that takes too long, takes too much or
//! crashes is the component's fault, in words, and the host goes on.

use crate::cgroup::processors;
use crate::component;
use crate::error::{Error, LoadError};
use anyhow::{Context as _, ensure};
use std::num::NonZeroUsize;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::Semaphore;

/// The bounds of compiling.
#[derive(Clone, Copy, Debug)]
pub struct CompileLimits {
    /// Bytes of address space of one compiler process.
    pub memory: u64,
    /// Its CPU time and, twice that, its wall clock.
    pub time: Duration,
    /// Most processes at once: as many as there are processors if nothing is said.
    pub jobs: Option<NonZeroUsize>,
}

/// The most machine code that one component may become.
const LARGEST_CODE: u64 = 1 << 30;
/// The most that is read of what the compiler says went wrong.
const LONGEST_MESSAGE: u64 = 16 << 10;
/// The statuses by which `wow-compile` says that it cannot work at all: it was called
/// wrongly, was built for another engine, or could not isolate itself.
const CANNOT_WORK: [i32; 2] = [2, 3];

/// Starts `wow-compile`.
pub struct Compiler {
    program: PathBuf,
    limits: CompileLimits,
    jobs: OnceLock<Semaphore>,
}

impl Compiler {
    /// A compiler that is the program `wow-compile`.
    pub fn new(program: PathBuf, limits: CompileLimits) -> Self {
        Self { program, limits, jobs: OnceLock::new() }
    }

    /// Checks that `wow-compile` compiles for the engine of this host.
    pub(crate) async fn check(&self) -> anyhow::Result<()> {
        let program = self.program.display();
        let output = Command::new(&self.program).arg("--key").env_clear().output().await;
        let output = output.with_context(|| format!("cannot start {program}"))?;
        let (theirs, ours) = (String::from_utf8_lossy(&output.stdout), wow_engine::key());
        ensure!(
            output.status.success() && theirs.trim() == ours.to_string(),
            "{program} compiles for another engine ({}, this host's is {ours}): nothing new can be \
             loaded\n\nhint: build both from one source, `cargo build -p wow-compile && cargo build`",
            theirs.trim()
        );
        Ok(())
    }

    /// Compiles a component, when it is its turn.
    pub(crate) async fn compile(&self, component: &[u8]) -> Result<Vec<u8>, Error> {
        let jobs = || Semaphore::new(self.limits.jobs.map_or_else(processors, NonZeroUsize::get));
        let _job =
            self.jobs.get_or_init(jobs).acquire().await.context("nobody closes this semaphore")?;
        let seconds = self.limits.time.as_secs().max(1);
        let mut child = Command::new(&self.program)
            .args([self.limits.memory.to_string(), seconds.to_string()])
            .arg(wow_engine::key().to_string())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let mut stdin = child.stdin.take().context("no pipe to wow-compile")?;
        let stdout = child.stdout.take().context("no pipe from wow-compile")?;
        let stderr = child.stderr.take().context("no pipe from wow-compile")?;
        let send = async move {
            // A compiler that died has an exit status that says more than a broken pipe.
            let _ = stdin.write_all(component).await;
            Ok(())
        };
        let work = async {
            let (code, message) = (read(stdout, LARGEST_CODE), read(stderr, LONGEST_MESSAGE));
            let ((), code, message) = tokio::try_join!(send, code, message)?;
            anyhow::Ok((code, message, child.wait().await?))
        };
        let longest = self.limits.time * 2;
        let Ok(done) = tokio::time::timeout(longest, work).await else {
            return Err(too_long(longest).into());
        };
        let (code, message, status) = done.context("cannot talk to wow-compile")?;
        if status.success() {
            return Ok(code);
        }
        Err(self.verdict(status, String::from_utf8_lossy(&message).trim()))
    }

    /// Why a compilation failed. That it did is the component's fault: the same
    /// compiler compiles everybody's.
    fn verdict(&self, status: ExitStatus, message: &str) -> Error {
        /// `SIGXCPU` and `SIGKILL` on Linux: the soft and the hard limit of CPU time.
        const OUT_OF_TIME: [i32; 2] = [24, 9];
        if status.code().is_some_and(|code| CANNOT_WORK.contains(&code)) {
            return Error::Host(anyhow::anyhow!("{}: {message}", self.program.display()));
        }
        match status.signal() {
            None if message.contains(ASYNC) => LoadError::new(format!(
                "the component has `async func`, streams or futures of WASI 0.3, which this host does \
                 not run: {message}"
            ))
            .hint(component::SYNCHRONOUS),
            None if status.code() == Some(1) => {
                LoadError::new(format!("the component is not valid: {message}"))
                    .hint("check it with `wasm-tools validate`")
            }
            Some(signal) if OUT_OF_TIME.contains(&signal) => too_long(self.limits.time),
            _ => LoadError::new(format!(
                "the component cannot be compiled within {} MB ({status})",
                self.limits.memory >> 20
            ))
            .hint(SMALLER),
        }
        .into()
    }
}

/// How wasmtime says that component-model async is off, whatever of it was used.
const ASYNC: &str = "the component model async feature";

const SMALLER: &str =
    "make it smaller: its largest function and the number of functions count most";

fn too_long(time: Duration) -> LoadError {
    LoadError::new(format!("the component takes longer than {} s to compile", time.as_secs()))
        .hint(SMALLER)
}

async fn read(pipe: impl AsyncRead + Unpin, most: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.take(most).read_to_end(&mut bytes).await?;
    Ok(bytes)
}
