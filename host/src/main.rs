//! The command `wow`.

use clap::Parser as _;
use clap::error::ErrorKind;
use std::io::Write as _;
use std::process::ExitCode;
use wow::cli::Cli;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => cli.run().into(),
        Err(error) => {
            // Help goes to stdout and is no failure; a wrong flag is the user's.
            let _ = error.print();
            if cfg!(not(feature = "developer")) && error.kind() == ErrorKind::InvalidSubcommand {
                let hint = "hint: this is the program of servers; `cargo build` makes one with the \
                            commands of developers";
                let _ = writeln!(std::io::stderr(), "\n{hint}");
            }
            ExitCode::from(u8::from(error.use_stderr()))
        }
    }
}
