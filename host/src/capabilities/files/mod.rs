//! Files of a guest: volumes that the operator offers by name, and a directory of
//! its own for each activation. Knows what is granted, not who granted it.
//!
//! Paths are resolved by wasmtime-wasi, from a directory that the operator named
//! and never out of it. What a volume allows is checked here, before it
//! (`view.rs`), so that one mistake in either lets nothing out.

mod counted;
mod quota;
mod rules;
mod scratch;
mod view;

pub use scratch::Scratch;
pub(super) use view::{View, link};

use super::policy::{self, Mode, Quota};
use crate::logs::Logs;
use anyhow::Context as _;
use quota::{Exhausted, Share, Usage};
use scratch::Private;
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;
use wasmtime_wasi::filesystem::WasiFilesystemCtx;

/// Where an activation finds its own directory.
const TMP: &str = "tmp";

/// A directory that the operator offers. The guest finds it at `/NAME`.
#[derive(Clone, Debug)]
pub struct Volume {
    name: String,
    /// What may be done to it.
    pub(super) mode: Mode,
    root: Arc<File>,
}

impl Volume {
    /// Opens a directory, once for as long as the host lives: what its path leads to
    /// later is another.
    pub fn open(volume: &policy::Volume) -> anyhow::Result<Self> {
        let policy::Volume { name, path, mode } = volume;
        let directory = rustix::fs::OFlags::DIRECTORY.bits().cast_signed();
        let root = File::options().read(true).custom_flags(directory).open(path);
        let root =
            root.with_context(|| format!("cannot open the volume {name}: {}", path.display()))?;
        Ok(Self { name: name.clone(), mode: *mode, root: Arc::new(root) })
    }

    /// The same directory for an action that may do less to it.
    pub(super) fn at_most(self, mode: Mode) -> Self {
        Self { mode: self.mode.min(mode), ..self }
    }
}

/// The files that an action may reach.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    /// The operator's directories, each with the mode of this grant.
    pub volumes: Vec<Volume>,
    /// A directory of its own for each activation, and how much it may hold.
    pub tmp: Option<(Arc<Scratch>, Quota)>,
}

/// One activation's files.
pub(super) struct Open {
    grant: Arc<Grant>,
    logs: Logs,
    /// wasmtime-wasi's own list of directories stays empty: they are handed out here.
    wasi: WasiFilesystemCtx,
    tmp: Option<Tmp>,
    /// What the guest's descriptors are, by their number.
    places: HashMap<u32, Place>,
}

/// An activation's own directory, while it lives.
struct Tmp {
    directory: Private,
    usage: Arc<Usage>,
    /// The files in it that have a name, by their identity.
    shares: HashMap<u64, Arc<Share>>,
}

/// What a descriptor leads to.
#[derive(Clone)]
struct Place {
    area: Area,
    /// As the guest would say it, for words.
    path: String,
    /// Only of a file in the activation's own directory.
    share: Option<Arc<Share>>,
}

/// What a path belongs to. Nothing is renamed or linked from one into another.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Area {
    Volume(usize),
    Tmp,
}

impl Open {
    pub(super) fn new(grant: &Arc<Grant>, logs: &Logs) -> Self {
        Self {
            grant: Arc::clone(grant),
            logs: logs.clone(),
            wasi: WasiFilesystemCtx::default(),
            tmp: None,
            places: HashMap::new(),
        }
    }

    fn mode(&self, area: Area) -> Mode {
        match area {
            Area::Volume(number) => self.grant.volumes[number].mode,
            Area::Tmp => Mode::ReadWrite,
        }
    }

    /// Tells the developer why something was refused.
    fn say(&self, operation: &str, path: &str, why: &str) {
        self.logs.denial(&format!("{operation} {path} denied: {why}"));
    }

    fn exhausted(&self, operation: &str, path: &str, exhausted: Exhausted) {
        self.say(operation, path, &format!("`/{TMP}` is full: {exhausted}"));
    }
}

impl Open {
    /// Removes the activation's own directory, on another thread: the activation's has
    /// others to answer. One that is dropped before is removed all the same.
    pub(super) async fn close(&mut self) {
        if let Some(tmp) = self.tmp.take() {
            // A panic there was told on stderr, and the next host removes what is left.
            let _ = tokio::task::spawn_blocking(move || drop(tmp)).await;
        }
    }
}
