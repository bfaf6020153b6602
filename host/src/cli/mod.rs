//! What can be typed: one file a command. The help texts are the doc comments.

mod build;
mod compile;
mod compose;
mod dev;
mod executor;
mod inspect;
mod new;
mod run;
mod runtime;
mod serving;
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
    Build(build::Build),
    Compile(compile::Compile),
    Compose(compose::Compose),
    Dev(dev::Dev),
    Executor(executor::Executor),
    Inspect(inspect::Inspect),
    New(new::New),
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
            Command::Build(build) => build.execute(),
            Command::Compile(compile) => compile.execute(),
            Command::Compose(compose) => compose.execute(),
            Command::Dev(dev) => dev.execute(),
            Command::Executor(executor) => executor.execute(),
            Command::Inspect(inspect) => inspect.execute(),
            Command::New(new) => new.execute(),
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
