//! What can be typed: one file a command. The help texts are the doc comments.

#[cfg(feature = "developer")]
mod build;
mod compile;
#[cfg(feature = "developer")]
mod compose;
#[cfg(feature = "developer")]
mod dev;
mod executor;
#[cfg(feature = "developer")]
mod inspect;
#[cfg(feature = "developer")]
mod new;
#[cfg(feature = "developer")]
mod run;
mod runtime;
mod serving;
#[cfg(feature = "developer")]
mod terms;

use crate::telemetry;
use std::io::Write as _;
use std::process::ExitCode;

/// WebAssembly components as OpenWhisk actions
#[derive(Debug, clap::Parser)]
#[command(name = "wow", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    #[cfg(feature = "developer")]
    Build(build::Build),
    Compile(compile::Compile),
    #[cfg(feature = "developer")]
    Compose(compose::Compose),
    #[cfg(feature = "developer")]
    Dev(dev::Dev),
    Executor(executor::Executor),
    #[cfg(feature = "developer")]
    Inspect(inspect::Inspect),
    #[cfg(feature = "developer")]
    New(new::New),
    #[cfg(feature = "developer")]
    Run(run::Run),
    Runtime(runtime::Runtime),
}

/// How a command ended, and so the process: whose fault it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Exit {
    /// It did what was asked: 0.
    Fine,
    /// The user's or the action's: 1.
    Yours,
    /// The host's: 2.
    Ours,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Fine => Self::SUCCESS,
            Exit::Yours => Self::from(1),
            Exit::Ours => Self::from(2),
        }
    }
}

impl Cli {
    /// Does what was typed.
    pub fn run(self) -> Exit {
        telemetry::start();
        match self.command {
            #[cfg(feature = "developer")]
            Command::Build(build) => build.execute(),
            Command::Compile(compile) => compile.execute(),
            #[cfg(feature = "developer")]
            Command::Compose(compose) => compose.execute(),
            #[cfg(feature = "developer")]
            Command::Dev(dev) => dev.execute(),
            Command::Executor(executor) => executor.execute(),
            #[cfg(feature = "developer")]
            Command::Inspect(inspect) => inspect.execute(),
            #[cfg(feature = "developer")]
            Command::New(new) => new.execute(),
            #[cfg(feature = "developer")]
            Command::Run(run) => run.execute(),
            Command::Runtime(runtime) => runtime.execute(),
        }
    }
}

/// Says on stderr why a command failed.
fn complain(error: &anyhow::Error, exit: Exit) -> Exit {
    // Who reads our output, such as `head`, has had enough: that is no failure.
    let io = error.root_cause().downcast_ref::<std::io::Error>();
    if io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe) {
        return Exit::Fine;
    }
    // Nobody is left to hear that stderr is closed.
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
    exit
}
