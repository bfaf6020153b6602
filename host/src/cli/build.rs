//! `wow build`: a project's package.

use super::{Exit, complain};
use crate::project::{Built, Project};
use anyhow::Context as _;
use std::io::Write as _;

/// Build the project's package: run its command, check the component, pack it
///
/// The command is in [build] of wow.toml, here or in the nearest folder above. A core module
/// that it makes, a program of WASI 0.1 or one of wit-bindgen, becomes a component. What is run and what it
/// prints is on stderr. Exit status: 0 if the package is written, 1 if the build failed
/// or what it made is no action, 2 if the host failed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: wow build && wow run -p name Ada")]
pub(super) struct Build;

impl Build {
    pub(super) fn execute(self) -> Exit {
        let built = match build() {
            Ok(built) => built,
            Err(error) => return complain(&error, Exit::Yours),
        };
        match writeln!(std::io::stdout(), "{}", line(&built)) {
            Ok(()) => Exit::Fine,
            Err(error) => complain(&error.into(), Exit::Ours),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn build() -> anyhow::Result<Built> {
    here()?.build().await
}

/// The project of the current folder.
pub(super) fn here() -> anyhow::Result<Project> {
    Project::find(&std::env::current_dir().context("there is no current folder")?)
}

/// What a build made, in a line.
pub(super) fn line(Built { package, shape, size }: &Built) -> String {
    format!("{package}: {shape}, {size} bytes")
}
