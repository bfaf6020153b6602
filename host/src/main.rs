//! The command `wow`.

use clap::Parser as _;
use std::process::ExitCode;
use wow::cli::Cli;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => cli.run().into(),
        Err(error) => {
            // Help goes to stdout and is no failure; a wrong flag is the user's.
            let _ = error.print();
            ExitCode::from(u8::from(error.use_stderr()))
        }
    }
}
