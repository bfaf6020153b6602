//! From sources to a package: the project's own command, then what `/init` would say
//! of what it made, then the archive.

use super::{Project, adapt};
use crate::inspect::Inspection;
use crate::manifest::{self, Setup};
use crate::package;
use anyhow::{Context as _, bail, ensure};
use std::io::{self, Cursor, Write as _};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Instant;
use tokio::process::Command;
use zip::write::{SimpleFileOptions, ZipWriter};

/// What the shell exits with when it does not find a command (POSIX, 2.8.2).
const NOT_FOUND: i32 = 127;

/// What became of a build.
pub(crate) struct Built {
    /// Where the package is, as the developer would write it.
    pub(crate) package: String,
    /// Its shape, such as `JSON action`.
    pub(crate) shape: &'static str,
    /// The bytes of its component.
    pub(crate) size: usize,
}

impl Project {
    /// Runs the project's command and packs what it made. What is run, what it prints and how
    /// long it took is on stderr.
    pub(crate) async fn build(&self) -> anyhow::Result<Built> {
        if let Some(Setup { command, makes }) = &self.build.setup
            && !self.root.join(makes).exists()
        {
            say(&format!("{} is not there yet: this is done once", makes.display()));
            self.run(command, "setup").await?;
        }
        let file = self.root.join(&self.build.component);
        let component = self.build.component.display();
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        self.run(&self.build.command, "command").await?;
        ensure!(
            file.is_file(),
            "the build made no {component}\n\nhint: `component` in [build] of {} is what the command \
             writes",
            manifest::NAME
        );
        let bytes =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        self.write(&bytes).with_context(|| component.to_string())
    }

    /// Writes the package of a component or core module, if it is an action.
    pub(crate) fn write(&self, bytes: &[u8]) -> anyhow::Result<Built> {
        let component = adapt::component(bytes)?;
        let component = package::from_bytes(component.into_owned())?;
        let mut inspection = Inspection::of(&component)?;
        if let Some(main) = self.manifest.own_main() {
            inspection = inspection.only(main)?;
        }
        if let Some(refusal) = inspection.refusal() {
            return Err(refusal.into());
        }
        let packed = pack(&self.text, &component)?;
        package::open(packed.clone())?;
        let package = self.package();
        let shown = self.shown(&package);
        replace(&package, &packed).with_context(|| format!("cannot write {shown}"))?;
        Ok(Built { package: shown, shape: inspection.shape_name(), size: component.len() })
    }

    /// Runs a command of `wow.toml` in the project. What it prints is for people: ours is stdout.
    async fn run(&self, command: &str, key: &str) -> anyhow::Result<()> {
        say(command);
        let start = Instant::now();
        let status = Command::new("sh")
            .args(["-c", command])
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stdout(io::stderr())
            .kill_on_drop(true)
            .status()
            .await
            .context("cannot start a shell, `sh`")?;
        if !status.success() {
            bail!(failure(status, key));
        }
        say(&format!("done in {:.1} s", start.elapsed().as_secs_f64()));
        Ok(())
    }
}

fn failure(status: ExitStatus, key: &str) -> String {
    let file = manifest::NAME;
    let sentence = format!("the build failed: {status}");
    match status.code() {
        Some(NOT_FOUND) => format!(
            "{sentence}, a program is not installed\n\nhint: install it, or change `{key}` in [build] \
             of {file}"
        ),
        _ => sentence,
    }
}

/// Tells whoever waits.
pub(super) fn say(line: &str) {
    // Who closed stderr wants to hear nothing.
    let _ = writeln!(io::stderr(), "wow: {line}");
}

/// The package of a component and a `wow.toml`: the same bytes for the same.
fn pack(manifest: &[u8], component: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [(manifest::NAME, manifest), (package::MEMBER, component)] {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Writes a file in one step: who reads it meanwhile reads the old one.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = file.with_added_extension("new");
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&unfinished, bytes)?;
    std::fs::rename(&unfinished, file)
}
