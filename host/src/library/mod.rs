//! Which code there is: one for all actions that hold it, in memory or asleep.
//!
//! Code is found in this order: loaded already; on disk; compiled. However many
//! ask for it at once, it is loaded or compiled once, and a compilation outlives
//! the request that asked for it.

mod ahead;
mod code;

pub use ahead::Ahead;
pub use code::Code;
pub(crate) use code::Loaded;

use crate::cache::{self, Cache, Contents, Name};
use crate::compiler::Compiler;
use crate::engine::Machinery;
use crate::error::{ActionError, Error, LoadError};
use crate::mac;
use crate::manifest::Manifest;
use crate::package::{self, Package};
use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use std::collections::HashMap;
use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// All code of a process.
pub struct Library(Arc<Shelves>);

struct Shelves {
    machinery: Machinery,
    compiler: Compiler,
    cache: Option<Cache>,
    /// What uploads are named by: the cache's, so that others with it name them the same.
    uploads: mac::Key,
    engine: wow_engine::Key,
    most_loaded: usize,
    index: Mutex<Index>,
    loaded: Arc<AtomicUsize>,
    opened: Instant,
}

#[derive(Default)]
struct Index {
    /// What is held by some action.
    codes: HashMap<blake3::Hash, Weak<Code>>,
    /// What is being loaded or compiled.
    flights: HashMap<blake3::Hash, Flight>,
    /// Which component an upload was and what its package said, by the code of its
    /// text: so that what is known need not be decoded.
    uploads: HashMap<mac::Tag, (blake3::Hash, Arc<Manifest>)>,
}

/// A search that several wait for.
type Flight = Shared<BoxFuture<'static, Result<Arc<Code>, Failure>>>;

/// Where a component is if it has to be compiled.
enum Source {
    Component(Bytes),
    /// In an upload, which is not decoded before.
    Upload(Bytes),
}

/// Why there is no code, for several who wait.
#[derive(Clone)]
enum Failure {
    Action(LoadError),
    Host(Arc<anyhow::Error>),
}

/// Code that is read about as fast as a thread is found for it.
const SMALL: u64 = 4 << 20;

/// Base64 that is decoded faster than a thread is found for it.
const SHORT: usize = 256 << 10;

/// The most uploads that are remembered; then all are forgotten, and looked at
/// once more.
const MOST_UPLOADS: usize = 100_000;

impl Library {
    /// A library that finds code in `cache` and has `compiler` make it, for so many activations at
    /// once.
    pub fn open(compiler: Compiler, cache: Option<Cache>, instances: u32) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Shelves {
            machinery: Machinery::new(instances)?,
            compiler,
            uploads: cache.as_ref().map_or_else(mac::Key::random, |cache| Ok(cache.uploads()))?,
            cache,
            engine: wow_engine::key(),
            most_loaded: most_loaded(),
            index: Mutex::default(),
            loaded: Arc::default(),
            opened: Instant::now(),
        })))
    }

    /// The engine and what belongs to it.
    pub(crate) fn machinery(&self) -> &Machinery {
        &self.0.machinery
    }

    /// Checks that what compiles for this library fits it.
    pub async fn check_compiler(&self) -> anyhow::Result<()> {
        self.0.compiler.check().await
    }

    /// What compiled code must have been made for.
    pub(crate) fn engine(&self) -> wow_engine::Key {
        self.0.engine
    }

    /// The cache on disk.
    pub fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }

    /// How many components are loaded, and not asleep.
    pub fn loaded(&self) -> usize {
        self.0.loaded.load(Ordering::SeqCst)
    }

    /// The code of what was uploaded, in base64, and what its package says.
    pub(crate) async fn upload(&self, text: Bytes) -> Result<(Arc<Code>, Arc<Manifest>), Error> {
        let upload = self.0.uploads.tag(text.trim_ascii());
        if let Some((component, manifest)) = self.0.recall(&upload) {
            return Ok((self.find(component, Source::Upload(text)).await?, manifest));
        }
        let (component, package) = unpack(text).await?;
        let manifest = Arc::new(package.manifest);
        let code = self.find(component, Source::Component(package.component)).await?;
        self.0.index().remember(upload, (component, Arc::clone(&manifest)));
        let shelves = Arc::clone(&self.0);
        let contents = Contents { component, manifest: package.manifest_text.unwrap_or_default() };
        blocking(move || shelves.keep_contents(&upload, &contents)).await?;
        Ok((code, manifest))
    }

    /// The code of a component.
    pub async fn load(&self, bytes: impl Into<Bytes>) -> Result<Arc<Code>, Error> {
        let bytes = bytes.into();
        self.find(blake3::hash(&bytes), Source::Component(bytes)).await
    }

    async fn find(&self, digest: blake3::Hash, source: Source) -> Result<Arc<Code>, Error> {
        let flight = {
            let mut index = self.0.index();
            if let Some(code) = index.codes.get(&digest).and_then(Weak::upgrade) {
                return Ok(code);
            }
            let start = || Shelves::start(&self.0, digest, source);
            index.flights.entry(digest).or_insert_with(start).clone()
        };
        flight.await.map_err(|failure| match failure {
            Failure::Action(error) => error.into(),
            Failure::Host(cause) => Error::Host(anyhow!("{cause:#}")),
        })
    }

    /// Puts to sleep what was not used for so long.
    pub fn hibernate(&self, idle: Duration) {
        let idle = u64::try_from(idle.as_millis()).unwrap_or(u64::MAX);
        let now = self.0.now();
        for code in self.0.codes() {
            if now.saturating_sub(code.used()) >= idle {
                code.sleep();
            }
        }
    }
}

impl Library {
    /// Puts code to sleep that only one action holds.
    pub(crate) fn rest(&self, code: &Arc<Code>) {
        if Arc::strong_count(code) == 1 {
            code.sleep();
        }
    }
}

impl Shelves {
    /// Starts a search that goes on if everybody who waits goes away.
    fn start(this: &Arc<Self>, digest: blake3::Hash, source: Source) -> Flight {
        let shelves = Arc::clone(this);
        let search = tokio::spawn(async move {
            let found = shelves.search(digest, source).await;
            let mut index = shelves.index();
            if let Ok(code) = &found {
                index.codes.insert(digest, Arc::downgrade(code));
            }
            index.flights.remove(&digest);
            index.forget();
            drop(index);
            if let Ok(code) = &found {
                shelves.make_room(code);
            }
            found.map_err(|error| match error {
                Error::Action(ActionError::Load(error)) => Failure::Action(error),
                Error::Host(cause) => Failure::Host(Arc::new(cause)),
                other => Failure::Host(Arc::new(other.into())),
            })
        });
        let joined = |found: Result<_, tokio::task::JoinError>| {
            found.unwrap_or_else(|error| Err(Failure::Host(Arc::new(error.into()))))
        };
        search.map(joined).boxed().shared()
    }

    async fn search(
        self: &Arc<Self>,
        digest: blake3::Hash,
        source: Source,
    ) -> Result<Arc<Code>, Error> {
        let name = Name { component: digest, engine: self.engine };
        let entry = self.cache.as_ref().and_then(|cache| cache.find(&name));
        let found = match entry {
            None => None,
            // Blocks for half a millisecond at most if it was read before, and so is in memory.
            Some(entry) if entry.unread() <= SMALL => self.on_disk(entry)?,
            Some(entry) => {
                let shelves = Arc::clone(self);
                blocking(move || shelves.on_disk(entry)).await??
            }
        };
        if let Some(code) = found {
            return Ok(code);
        }
        let bytes = match source {
            Source::Component(bytes) => bytes,
            Source::Upload(text) => {
                let (component, package) = unpack(text).await?;
                // It is authentic, and to compile takes a thousand times as long as to look.
                if component != digest {
                    return Err(Error::Host(anyhow!("an upload is known by another's name")));
                }
                package.component
            }
        };
        let code = self.compiler.compile(&bytes).await?;
        let shelves = Arc::clone(self);
        let made = blocking(move || {
            let file = shelves.keep(&name, &code).context("cannot keep compiled code")?;
            let loaded = Loaded::map(&shelves.machinery, &file)?;
            Ok(shelves.code(name, file, loaded))
        });
        made.await?
    }

    /// Code of the cache. Whatever is wrong with the entry, it is as if it were not there.
    fn on_disk(&self, entry: cache::Entry) -> Result<Option<Arc<Code>>, Error> {
        let Some(cache) = &self.cache else { return Ok(None) };
        let name = entry.name;
        let Some(file) = cache.authenticate(entry) else { return Ok(None) };
        match Loaded::map(&self.machinery, &file) {
            Ok(loaded) => Ok(Some(self.code(name, file, loaded))),
            Err(Error::Host(cause)) => {
                tracing::warn!(%name, "an entry of the cache cannot be loaded: {cause:#}");
                cache.counts().rejected.fetch_add(1, Ordering::Relaxed);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// What an upload held, if this process has seen it or another has kept it.
    fn recall(&self, upload: &mac::Tag) -> Option<(blake3::Hash, Arc<Manifest>)> {
        if let Some(known) = self.index().uploads.get(upload) {
            return Some(known.clone());
        }
        self.learn(upload, self.cache.as_ref()?.contents(upload)?)
    }

    /// The same before anybody asks for it; whether it is known.
    fn recall_ahead(&self, upload: &mac::Tag) -> bool {
        let contents = || self.cache.as_ref()?.contents_ahead(upload);
        self.index().uploads.contains_key(upload)
            || contents().and_then(|contents| self.learn(upload, contents)).is_some()
    }

    /// Remembers what the cache says of an upload.
    fn learn(
        &self,
        upload: &mac::Tag,
        contents: Contents,
    ) -> Option<(blake3::Hash, Arc<Manifest>)> {
        let Contents { component, manifest } = contents;
        let manifest = match &manifest[..] {
            [] => Manifest::default(),
            // What another version kept may say what this one does not know.
            text => Manifest::read(text).ok()?,
        };
        let known = (component, Arc::new(manifest));
        self.index().remember(*upload, known.clone());
        Some(known)
    }

    /// Keeps on disk what an upload held.
    fn keep_contents(&self, upload: &mac::Tag, contents: &Contents) {
        if let Some(cache) = &self.cache {
            cache.keep_contents(upload, contents);
        }
    }

    /// Writes code to the cache, or to memory where that is not possible.
    fn keep(&self, name: &Name, code: &[u8]) -> std::io::Result<File> {
        let kept = self.cache.as_ref().and_then(|cache| cache.put(name, code).ok());
        kept.map_or_else(|| cache::nameless(code), Ok)
    }

    fn code(&self, name: Name, file: File, loaded: Loaded) -> Arc<Code> {
        Arc::new(Code::new(name, file, loaded, self.now(), &self.loaded))
    }

    /// Puts the longest unused to sleep if more is loaded than the kernel has
    /// mappings for.
    fn make_room(&self, newest: &Code) {
        if self.loaded.load(Ordering::SeqCst) <= self.most_loaded {
            return;
        }
        let mut codes = self.codes();
        codes.sort_by_key(|code| code.used());
        // A tenth at once: to find them means to look at all.
        let awake = codes.iter().filter(|code| !std::ptr::eq(&raw const ***code, newest));
        awake.take(self.most_loaded.div_ceil(10)).for_each(|code| code.sleep());
    }

    fn codes(&self) -> Vec<Arc<Code>> {
        self.index().codes.values().filter_map(Weak::upgrade).collect()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index {
    fn remember(&mut self, upload: mac::Tag, known: (blake3::Hash, Arc<Manifest>)) {
        if self.uploads.len() >= MOST_UPLOADS {
            self.uploads.clear();
        }
        self.uploads.insert(upload, known);
    }

    /// Forgets code that nobody holds any more, now and then.
    fn forget(&mut self) {
        if self.codes.len() == self.codes.capacity() {
            self.codes.retain(|_, code| code.strong_count() > 0);
        }
    }
}

/// What an upload holds, and the component's digest.
async fn unpack(text: Bytes) -> Result<(blake3::Hash, Package), Error> {
    let short = text.len() <= SHORT;
    let unpack = move || {
        let package = package::upload(&text)?;
        Ok::<_, LoadError>((blake3::hash(&package.component), package))
    };
    let unpacked = if short { unpack() } else { blocking(unpack).await? };
    Ok(unpacked?)
}

/// Does what takes milliseconds of a processor where it holds up nobody's requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work).await.context("work on code panicked")
}

/// How many components may be loaded: each takes three mappings, and half of what
/// the kernel allows (`vm.max_map_count`) is for instances and everything else.
fn most_loaded() -> usize {
    /// Linux' default.
    const MAPPINGS: usize = 65_530;
    let allowed = std::fs::read_to_string("/proc/sys/vm/max_map_count").ok();
    allowed.and_then(|text| text.trim().parse().ok()).unwrap_or(MAPPINGS) / 2 / 3
}
