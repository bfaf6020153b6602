//! The compiler process: a component on stdin, machine code on stdout.
//!
//! `wow` starts one for each component that it has no code for. The bytes come
//! from strangers and Cranelift is a large program, so it runs here, where a
//! crash, a bomb or a hole costs one compilation and not the host. Its three
//! streams are pipes: it may not write a byte to a file (`RLIMIT_FSIZE`).
//!
//! | exit status | means | stderr |
//! |---|---|---|
//! | 0 | stdout is the code | nothing |
//! | 1 | the component is at fault | how |
//! | 2 | wrong arguments, or a broken pipe | why |
//! | 3 | host and compiler do not match, or this process cannot be isolated | why |
//! | 101, a signal | the compiler's own failure, or a limit | one line, if it could |

mod filter;
mod isolation;
mod panics;
mod symbols;

use anyhow::{Context as _, bail};
use isolation::Limits;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use wasmtime::Engine;
use wow_engine::Key;

/// What the caller wants.
#[derive(Debug, PartialEq)]
enum Task {
    /// `--key`
    ShowKey,
    /// `ADDRESS_SPACE_BYTES CPU_SECONDS ENGINE_KEY`
    Compile { limits: Limits, host_key: String },
}

/// How it ended, if not with code.
enum Failure {
    /// The component's fault.
    Component(String),
    /// The caller's, or a pipe's.
    Call(anyhow::Error),
    /// Nothing can be compiled here, whatever the component.
    Place(anyhow::Error),
}

fn main() -> ExitCode {
    panics::say_one_line();
    let (message, status) = match run() {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Component(message)) => (message, 1),
        Err(Failure::Call(error)) => (format!("{error:#}"), 2),
        Err(Failure::Place(error)) => (format!("{error:#}"), 3),
    };
    // If nobody listens, the status has to do.
    let _ = writeln!(std::io::stderr().lock(), "{message}");
    status.into()
}

fn run() -> Result<(), Failure> {
    match Task::from_arguments(std::env::args().skip(1)).map_err(Failure::Call)? {
        Task::ShowKey => writeln!(std::io::stdout().lock(), "{}", wow_engine::key())
            .context("cannot write the key")
            .map_err(Failure::Call),
        Task::Compile { limits, host_key } => {
            agree(&host_key, wow_engine::key()).map_err(Failure::Place)?;
            compile(limits)
        }
    }
}

fn compile(limits: Limits) -> Result<(), Failure> {
    isolation::enter(limits).map_err(Failure::Place)?;
    let engine = engine().map_err(Failure::Place)?;
    // Asked now, because it reads the cgroup's quota from files.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    isolation::seal().map_err(Failure::Place)?;
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .context("cannot start the compiler's threads")
        .map_err(Failure::Place)?;

    let mut component = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut component)
        .context("cannot read the component")
        .map_err(Failure::Call)?;
    let code = engine
        .precompile_component(&component)
        .map_err(|error| Failure::Component(format!("{error:#}")))?;
    let code = symbols::strip(&code).unwrap_or(code);
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(&code)
        .and_then(|()| stdout.flush())
        .context("cannot write the code")
        .map_err(Failure::Call)
}

fn engine() -> anyhow::Result<Engine> {
    let mut config = wow_engine::config();
    wow_engine::apply_compiler_settings!(config);
    Engine::new(&config).map_err(anyhow::Error::from).context("cannot make the engine")
}

/// Whether the host wants code for the engine that is here.
fn agree(host: &str, own: Key) -> anyhow::Result<()> {
    if host != own.to_string() {
        bail!(
            "the host's engine key is {host}, wow-compile's is {own}: both must be built from \
             one source\n\nhint: `cargo build -p wow-compile && cargo build -p wow`"
        );
    }
    Ok(())
}

impl Task {
    fn from_arguments(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut next =
            |name: &str| arguments.next().with_context(|| format!("missing argument: {name}"));
        let number = |name: &str, text: String| {
            text.parse().with_context(|| format!("{name} is not a number: {text}"))
        };
        let first = next("address space in bytes")?;
        let task = if first == "--key" {
            Self::ShowKey
        } else {
            Self::Compile {
                limits: Limits {
                    address_space: number("address space in bytes", first)?,
                    cpu_seconds: number("CPU time in seconds", next("CPU time in seconds")?)?,
                },
                host_key: next("the host's engine key")?,
            }
        };
        if let Some(extra) = arguments.next() {
            bail!("unexpected argument: {extra}");
        }
        Ok(task)
    }
}
