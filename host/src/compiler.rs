//! From a component's bytes to something ready to instantiate.
//!
//! The host cannot compile: the child process `wow-compile` does, under limits
//! of its own, and only what it answered is ever loaded as code.

use crate::capabilities::{self, State};
use crate::component;
use crate::error::{Error, LoadError};
use crate::limits::Ticker;
use anyhow::Context as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};
use wasmtime::{Config, Engine};

/// The bounds of one compilation.
#[derive(Clone, Copy, Debug)]
pub struct CompileLimits {
    /// Bytes of address space of the compiler process.
    pub memory: u64,
    /// Its CPU time and, twice that, its wall clock.
    pub time: Duration,
}

/// Deepest stack of a guest, wasmtime's default.
const GUEST_STACK: usize = 512 << 10;
/// A guest's stack and the host's frames below it.
const FIBRE_STACK: usize = 1 << 20;
/// The most machine code that one component may become.
const LARGEST_CODE: u64 = 1 << 30;
/// The most that is read of what the compiler says went wrong.
const LONGEST_MESSAGE: u64 = 16 << 10;

/// Compiles components and links them.
pub struct Compiler {
    engine: Engine,
    linker: Linker<State>,
    ticker: Ticker,
    program: PathBuf,
    limits: CompileLimits,
}

/// A function of a component, ready to instantiate.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) pre: InstancePre<State>,
    pub(crate) run: ComponentExportIndex,
}

impl Compiler {
    /// An engine, what it links, and the thread that keeps its time. `program`
    /// is `wow-compile`.
    pub fn new(program: PathBuf, limits: CompileLimits) -> anyhow::Result<Self> {
        let engine = Engine::new(&config())?;
        let mut linker = Linker::new(&engine);
        capabilities::link(&mut linker)?;
        let ticker = Ticker::start(&engine).context("cannot start the ticker")?;
        Ok(Self { engine, linker, ticker, program, limits })
    }

    /// The one engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What makes busy guests yield.
    pub(crate) fn ticker(&self) -> &Ticker {
        &self.ticker
    }

    /// Compiles and links a component and finds its function `main`.
    pub(crate) async fn load(&self, bytes: &[u8], main: &str) -> Result<Loaded, Error> {
        let code = compile(&self.program, self.limits, bytes).await?;
        // Blocks: mapping and relocating 10 MB takes some milliseconds.
        let component = tokio::task::spawn_blocking({
            let engine = self.engine.clone();
            move || deserialize(&engine, &code)
        })
        .await
        .context("loading code was cancelled")??;
        let run = component::entry(&component, main)?;
        let pre = self
            .linker
            .instantiate_pre(&component)
            .map_err(|cause| component::unlinkable(&self.engine, &component, &cause))?;
        Ok(Loaded { pre, run })
    }
}

/// The engine's configuration: what compiled code depends on, and what only
/// running it does.
fn config() -> Config {
    let mut config = wow_engine::config();
    config.max_wasm_stack(GUEST_STACK).async_stack_size(FIBRE_STACK);
    // Guests are stripped: a backtrace says nothing that the SDK's last words do not, and a
    // storm of traps must not pay for it.
    config.wasm_backtrace_max_frames(None);
    config
}

#[expect(unsafe_code, reason = "loading compiled code is what a host without a compiler does")]
fn deserialize(engine: &Engine, code: &[u8]) -> anyhow::Result<Component> {
    // SAFETY: wasmtime trusts these bytes to be what its compiler wrote. They are: they came
    // through a pipe from the `wow-compile` that this process started, and were never on a disk
    // or in a request.
    let component = unsafe { Component::deserialize(engine, code) };
    component.map_err(anyhow::Error::from).context("cannot load what wow-compile wrote")
}

/// Runs `wow-compile` over a component.
async fn compile(
    program: &Path,
    limits: CompileLimits,
    component: &[u8],
) -> Result<Vec<u8>, Error> {
    let seconds = limits.time.as_secs().max(1);
    let mut child = Command::new(program)
        .args([limits.memory.to_string(), seconds.to_string()])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let stdin = child.stdin.take().context("no pipe to wow-compile")?;
    let stdout = child.stdout.take().context("no pipe from wow-compile")?;
    let stderr = child.stderr.take().context("no pipe from wow-compile")?;

    let send = async move {
        let mut stdin = stdin;
        // A compiler that died has an exit status that says more than a broken pipe.
        let _ = stdin.write_all(component).await;
        drop(stdin);
        anyhow::Ok(())
    };
    let work = async {
        let ((), code, message) =
            tokio::try_join!(send, read(stdout, LARGEST_CODE), read(stderr, LONGEST_MESSAGE))?;
        anyhow::Ok((code, message, child.wait().await?))
    };
    let Ok(done) = tokio::time::timeout(limits.time * 2, work).await else {
        return Err(too_long(limits.time * 2).into());
    };
    let (code, message, status) = done.context("cannot talk to wow-compile")?;
    if status.success() {
        return Ok(code);
    }
    Err(verdict(status, &String::from_utf8_lossy(&message), limits).into())
}

async fn read(pipe: impl AsyncRead + Unpin, most: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.take(most).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Why a compilation failed. That it did is the action's fault: the same
/// compiler compiles everybody's.
fn verdict(status: ExitStatus, message: &str, limits: CompileLimits) -> LoadError {
    /// `SIGXCPU` and `SIGKILL` on Linux: the soft and the hard limit of CPU time.
    const OUT_OF_TIME: [i32; 2] = [24, 9];
    match status.signal() {
        None if status.code() == Some(1) => {
            LoadError::new(format!("the component is not valid: {}", message.trim()))
                .hint("check it with `wasm-tools validate`")
        }
        Some(signal) if OUT_OF_TIME.contains(&signal) => too_long(limits.time),
        _ => LoadError::new(format!(
            "the component cannot be compiled within {} MB ({status})",
            limits.memory >> 20
        ))
        .hint("make it smaller: the largest function and the number of functions count most"),
    }
}

fn too_long(time: Duration) -> LoadError {
    LoadError::new(format!("the component takes longer than {} s to compile", time.as_secs()))
        .hint("make it smaller: the largest function and the number of functions count most")
}
