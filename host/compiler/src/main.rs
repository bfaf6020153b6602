//! The compiler process: a component on stdin, machine code on stdout.
//!
//! `wow` starts one for each component that it has no code for. The bytes come
//! from strangers and Cranelift is a large program, so it runs here, where a
//! crash, a bomb or a hole costs one compilation and not the host.
//!
//! Exit 0: stdout is the code. Exit 1: the component is at fault, stderr says
//! how. Everything else, signals included: the compiler is.

use anyhow::{Context as _, bail};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use wasmtime::Engine;

/// What the caller allows, in the order of the arguments.
struct Limits {
    /// Bytes of address space.
    address_space: u64,
    /// Seconds of CPU time, over all threads.
    cpu_seconds: u64,
}

fn main() -> anyhow::Result<ExitCode> {
    let limits = Limits::from_arguments(std::env::args().skip(1))?;
    limits.apply().context("cannot limit the compiler")?;

    let mut component = Vec::new();
    std::io::stdin().lock().read_to_end(&mut component).context("cannot read the component")?;
    let mut config = wow_engine::config();
    config.cranelift_opt_level(wow_engine::OPTIMISATION);
    let engine = Engine::new(&config)?;
    match engine.precompile_component(&component) {
        Ok(code) => {
            let mut stdout = std::io::stdout().lock();
            stdout
                .write_all(&code)
                .and_then(|()| stdout.flush())
                .context("cannot write the code")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            write!(std::io::stderr().lock(), "{error:#}").context("cannot write the error")?;
            Ok(ExitCode::from(1))
        }
    }
}

impl Limits {
    /// Reads `ADDRESS_SPACE_BYTES CPU_SECONDS`.
    fn from_arguments(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut next = |name: &str| {
            let text = arguments.next().with_context(|| format!("missing argument: {name}"))?;
            text.parse().with_context(|| format!("{name} is not a number: {text}"))
        };
        let limits = Self {
            address_space: next("address space in bytes")?,
            cpu_seconds: next("CPU time in seconds")?,
        };
        if let Some(extra) = arguments.nth(1) {
            bail!("unexpected argument: {extra}");
        }
        Ok(limits)
    }

    /// Holds this process to the limits, before it has read a byte.
    fn apply(&self) -> rustix::io::Result<()> {
        let hard = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
        setrlimit(Resource::As, hard(self.address_space))?;
        setrlimit(Resource::Cpu, hard(self.cpu_seconds))?;
        // A core dump of a bomb would fill the disk.
        setrlimit(Resource::Core, hard(0))
    }
}
