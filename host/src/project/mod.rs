//! A developer's folder: its `wow.toml` with a `[build]`, and the package that is made
//! of it. Knows neither the command line nor how an action runs.
//!
//! ```text
//! build    runs the project's command, checks what became of it, packs it
//! adapt    … a core module to a component
//! go       … one of Go, whose heap needs room
//! sources  what the package is made of, and whether that has changed
//! ```

mod adapt;
mod build;
mod go;
mod sources;

pub(crate) use build::Built;
pub(crate) use sources::{Changes, State};

use crate::manifest::{self, Build, Manifest};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// A folder with a `wow.toml` that says how it is built.
#[derive(Clone)]
pub(crate) struct Project {
    root: PathBuf,
    /// The text of its `wow.toml`, which goes into the package as it is.
    text: Vec<u8>,
    manifest: Manifest,
    build: Build,
}

impl Project {
    /// The project that `folder` is in: of this folder, or of the nearest above it.
    pub(crate) fn find(folder: &Path) -> anyhow::Result<Self> {
        let root = folder.ancestors().find(|folder| folder.join(manifest::NAME).is_file());
        let Some(root) = root else {
            anyhow::bail!(
                "there is no {} in {}, nor above it\n\nhint: begin a project with `wow new NAME`, or \
                 go to one",
                manifest::NAME,
                folder.display()
            );
        };
        Self::open(root)
    }

    fn open(root: &Path) -> anyhow::Result<Self> {
        let file = root.join(manifest::NAME);
        let text =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let manifest = Manifest::read(&text)?;
        let Some(build) = manifest.build.clone() else {
            anyhow::bail!(
                "{} has no [build]: it does not say how the action is built\n\nhint: add `command`, \
                 what to run, and `component`, what that writes",
                file.display()
            );
        };
        Ok(Self { root: root.to_owned(), text, manifest, build })
    }

    /// The same as it is now, after its `wow.toml` may have changed.
    pub(crate) fn again(&self) -> anyhow::Result<Self> {
        Self::open(&self.root)
    }

    /// Where its package is, or will be.
    pub(crate) fn package(&self) -> PathBuf {
        self.root.join(&self.build.package)
    }

    /// Its package, which has to be built. Says on stderr if a source is newer.
    pub(crate) fn built(&self) -> anyhow::Result<PathBuf> {
        let package = self.package();
        let shown = self.shown(&package);
        anyhow::ensure!(
            package.is_file(),
            "{shown} is not built yet\n\nhint: `wow build` makes it"
        );
        if let Some(newer) = self.sources().newer_than(&package) {
            let newer = newer.display();
            build::say(&format!("{newer} is newer than {shown}: `wow build` makes it anew"));
        }
        Ok(package)
    }

    /// Its package's name, which is that of the action.
    pub(crate) fn name(&self) -> String {
        let stem = self.build.package.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }

    /// A path below the project as the developer would write it.
    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}
