//! Code that some action holds: loaded, or asleep.

use super::Library;
use crate::cache::Name;
use crate::capabilities::State;
use crate::engine::{self, Machinery};
use crate::error::Error;
use crate::{component, imports};
use anyhow::anyhow;
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

/// The code of one component: a file with machine code, and what wasmtime has
/// made of it unless it sleeps.
pub struct Code {
    name: Name,
    /// Kept open: it can be mapped again even if the cache has removed its name.
    file: File,
    loaded: Mutex<Option<Loaded>>,
    /// When it was last used, in milliseconds since the library was opened.
    used: AtomicU64,
    count: Arc<AtomicUsize>,
}

/// A component, ready to instantiate.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) pre: InstancePre<State>,
    /// The function of a JSON action, if it has one.
    pub(crate) handler: Option<ComponentExportIndex>,
    /// Its share of the pool.
    pub(crate) share: u32,
    /// The bytes of its largest memory at the start.
    pub(crate) memory: usize,
}

impl Loaded {
    /// Maps code and links it.
    pub(super) fn map(machinery: &Machinery, file: &File) -> Result<Self, Error> {
        let Machinery { engine, linker, .. } = machinery;
        let component = map(engine, file)?;
        let handler = component::check(&component)?;
        let pre = linker
            .instantiate_pre(&component)
            .map_err(|cause| imports::unlinkable(engine, &component, &cause))?;
        let (share, memory) = engine::share(&component);
        Ok(Self { pre, handler, share, memory })
    }
}

impl Code {
    /// Code that was loaded just `now`, and is counted in `count` while it is.
    pub(super) fn new(
        name: Name,
        file: File,
        loaded: Loaded,
        now: u64,
        count: &Arc<AtomicUsize>,
    ) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self {
            name,
            file,
            loaded: Mutex::new(Some(loaded)),
            used: AtomicU64::new(now),
            count: Arc::clone(count),
        }
    }

    /// What it was compiled from, and for which engine.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The code ready to instantiate; mapped again if it slept. Blocks while it is
    /// mapped: 0.1 ms for a component of 100 KB.
    pub(crate) fn wake(&self, library: &Library) -> Result<Loaded, Error> {
        self.used.store(library.0.now(), Ordering::Relaxed);
        let mut loaded = self.loaded();
        if let Some(loaded) = &*loaded {
            return Ok(loaded.clone());
        }
        let woken = Loaded::map(library.machinery(), &self.file)?;
        *loaded = Some(woken.clone());
        drop(loaded);
        self.count.fetch_add(1, Ordering::SeqCst);
        library.0.make_room(self);
        Ok(woken)
    }

    /// When it was last used, in milliseconds since the library was opened.
    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Drops what wasmtime made of it. Activations that run keep theirs.
    pub(super) fn sleep(&self) {
        if self.loaded().take().is_some() {
            self.count.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn loaded(&self) -> MutexGuard<'_, Option<Loaded>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        self.sleep();
    }
}

/// Maps the compiled code in a file of ours: of the cache, or without a name. Not
/// for other files, and so not for other modules.
#[expect(unsafe_code, reason = "loading compiled code is what a host without a compiler does")]
fn map(engine: &wasmtime::Engine, file: &File) -> Result<Component, Error> {
    // By descriptor: what was authenticated is what is mapped, whatever its name is now.
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: wasmtime trusts this file to be what its compiler wrote, and not to change. It was
    // written by `wow-compile` through a pipe, and either never had a name (`nameless`) or is an
    // entry of our cache: authenticated with our key, in a directory that is ours alone, and
    // never written again once it has its name.
    let component = unsafe { Component::deserialize_file(engine, path) };
    component.map_err(|cause| match component::too_large(&cause) {
        Some(error) => error.into(),
        None => Error::Host(anyhow!("wasmtime does not take the code: {cause:#}")),
    })
}
