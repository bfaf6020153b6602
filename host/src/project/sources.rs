//! What a package is made of, and whether that has changed. Knows files and times,
//! nothing of what is in them.

use super::Project;
use crate::manifest;
use anyhow::Context as _;
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Folders that toolchains fill, beside hidden ones.
const MADE: [&str; 5] = ["build", "dist", "node_modules", "target", "__pycache__"];

/// Files that toolchains write while they build: to build again for them would not end.
const LOCKS: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// How long nothing may change before it is looked at: an editor writes a file in steps.
const QUIET: Duration = Duration::from_millis(50);

/// The sources as they were.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// Each with its time and its length, named from the project's folder.
    files: BTreeMap<PathBuf, (SystemTime, u64)>,
    /// Where they are, and where new ones would be.
    folders: BTreeSet<PathBuf>,
}

impl State {
    /// A source that is other, new or gone in `now`.
    pub(crate) fn change<'a>(&'a self, now: &'a Self) -> Option<&'a Path> {
        let other = now.files.iter().find(|(path, state)| self.files.get(*path) != Some(*state));
        let gone = || self.files.keys().find(|path| !now.files.contains_key(*path));
        other.map(|(path, _)| path).or_else(gone).map(PathBuf::as_path)
    }

    /// A source that is newer than a file.
    pub(crate) fn newer_than(&self, file: &Path) -> Option<&Path> {
        let written = fs::metadata(file).and_then(|file| file.modified()).ok()?;
        let newer = self.files.iter().find(|(_, (time, _))| *time > written);
        newer.map(|(path, _)| path.as_path())
    }
}

impl Project {
    /// Its sources as they are now.
    pub(crate) fn sources(&self) -> State {
        let mut state = State::default();
        state.folders.insert(self.root.clone());
        match self.build.sources.as_slice() {
            [] => self.add(&self.root, &mut state),
            some => {
                for path in some.iter().map(PathBuf::as_path).chain([Path::new(manifest::NAME)]) {
                    self.add(&self.root.join(path), &mut state);
                }
            }
        }
        state
    }

    fn add(&self, path: &Path, state: &mut State) {
        // What is gone again is not there.
        let Ok(metadata) = fs::metadata(path) else { return };
        if metadata.is_file() {
            let time = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let name = path.strip_prefix(&self.root).unwrap_or(path).to_owned();
            state.files.insert(name, (time, metadata.len()));
            return;
        }
        state.folders.insert(path.to_owned());
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            if self.is_source(&entry.path()) {
                self.add(&entry.path(), state);
            }
        }
    }

    /// Whether something in a folder of sources is one. Links are not followed: they may lead
    /// out, or in a circle.
    fn is_source(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_made = MADE.contains(&&*name) || LOCKS.contains(&&*name) || name.starts_with('.');
        let products = [&self.build.package, &self.build.component];
        let is_product = products.iter().any(|product| self.root.join(product) == path);
        !is_made && !is_product && !path.is_symlink()
    }
}

/// Changes of a project's sources, as the kernel tells of them.
pub(crate) struct Changes {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    told: UnboundedReceiver<()>,
}

impl Changes {
    /// Watches from now on.
    pub(crate) fn watch(project: &Project) -> anyhow::Result<Self> {
        let (tell, told) = unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // To look at a folder is an event, too.
            if !event.is_ok_and(|event| event.kind.is_access()) {
                // Who no longer listens needs no news.
                let _ = tell.send(());
            }
        });
        let watcher = watcher.context("cannot watch files")?;
        let mut changes = Self { watcher, watched: BTreeSet::new(), told };
        changes.follow(&project.sources());
        Ok(changes)
    }

    /// Waits until the sources are other than `before`, and gives them.
    pub(crate) async fn next(&mut self, project: &Project, before: &State) -> State {
        loop {
            self.follow(&project.sources());
            // Read after its folders are watched: what changes from here on is told.
            let now = project.sources();
            if before.change(&now).is_some() {
                return now;
            }
            let told = self.told.recv().await;
            debug_assert!(told.is_some(), "the watcher, which we have, has the other end");
            let more = async { while self.told.recv().await.is_some() {} };
            let _ = tokio::time::timeout(QUIET, more).await;
        }
    }

    /// Watches the folders that have become sources. One by one: those that toolchains fill have
    /// thousands.
    fn follow(&mut self, now: &State) {
        for gone in self.watched.difference(&now.folders) {
            // The kernel has forgotten a folder that was removed.
            let _ = self.watcher.unwatch(gone);
        }
        self.watched.retain(|folder| now.folders.contains(folder));
        for new in &now.folders {
            if self.watched.contains(new) {
                continue;
            }
            match self.watcher.watch(new, RecursiveMode::NonRecursive) {
                Ok(()) => drop(self.watched.insert(new.clone())),
                Err(cause) => tracing::warn!("changes in {} are not seen: {cause}", new.display()),
            }
        }
    }
}
