//! Compiled code on disk: named by what it was compiled from, authenticated,
//! never changed in place. Knows files, not WebAssembly.
//!
//! What is loaded from here is executed, so the directory is ours alone: mode
//! 0700, owner checked, no link followed. Every entry ends with a code that
//! authenticates its name and its bytes; the key is in the directory, mode 0600.
//! Whatever is wrong with an entry, it is a miss: the code is compiled again, and a
//! counter tells the operator.

mod ahead;
mod entry;
mod resident;
mod secret;
mod uploads;

pub(crate) use ahead::Listing;
pub(crate) use entry::Entry;
pub(crate) use uploads::Contents;

use crate::mac::Mac;
use anyhow::{Context as _, ensure};
use entry::Identity;
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// What a cache may hold.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of all entries together.
    pub bytes: u64,
    /// How long an entry may stay unused.
    pub age: Duration,
}

/// How entries end, as a part of their names: those of another format are not even found.
const FORMAT: u32 = 2;

/// The name of an entry: what it was compiled from, and for which engine.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Name {
    /// The BLAKE3 digest of the component.
    pub component: blake3::Hash,
    /// The key of the engine.
    pub engine: wow_engine::Key,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}.{FORMAT}", self.component, self.engine)
    }
}

/// What became of look-ups and writes, for the operator.
#[derive(Debug, Default)]
pub struct Counts {
    /// Entries that were found and are genuine.
    pub hits: AtomicU64,
    /// Entries that were not there.
    pub misses: AtomicU64,
    /// Entries that were there and could not be used.
    pub rejected: AtomicU64,
    /// Entries that could not be written.
    pub write_errors: AtomicU64,
    /// Entries that were removed for their age or for want of room.
    pub evicted: AtomicU64,
}

/// A directory of compiled code.
pub struct Cache {
    path: PathBuf,
    directory: OwnedFd,
    keys: secret::Keys,
    bounds: Bounds,
    /// The entries that this process has authenticated, as they were then.
    verified: Mutex<HashMap<Name, Identity>>,
    counts: Counts,
}

/// How the names of files begin that are still being written.
const UNFINISHED: &str = "tmp-";
/// How old such a file is when nobody can be writing it any more.
const ABANDONED: Duration = Duration::from_secs(60 * 60);
/// How often a use is noted in an entry's time: eviction need not know it better.
const USE_NOTED: Duration = Duration::from_secs(60 * 60);

impl Cache {
    /// Opens the directory, makes it if it is not there, and sweeps it. One that
    /// others can write to is refused. One that cannot be written is read.
    pub fn open(path: &Path, bounds: Bounds) -> anyhow::Result<Self> {
        match fs::mkdir(path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST | Errno::ROFS) => {}
            Err(Errno::NOENT) => {
                let parent = path.parent().context("a cache needs a directory")?;
                std::fs::create_dir_all(parent)
                    .with_context(|| format!("cannot make {}", parent.display()))?;
                fs::mkdir(path, Mode::RWXU)
                    .with_context(|| format!("cannot make {}", path.display()))?;
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot make {}", path.display()));
            }
        }
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = fs::open(path, flags, Mode::empty())
            .with_context(|| format!("cannot open the cache {}", path.display()))?;
        let stat = fs::fstat(&directory)?;
        ensure!(
            is_ours(&stat) && stat.st_mode & 0o077 == 0,
            "the cache {} has owner {} and mode {:o}: what is in it is executed, so it must be this \
             user's alone\n\nhint: `chmod 700 {0}`, or name another with --cache",
            path.display(),
            stat.st_uid,
            stat.st_mode & 0o7777
        );
        let keys = secret::Keys::of(&directory)
            .with_context(|| format!("cannot use the key of the cache {}", path.display()))?;
        let cache = Self {
            path: path.to_owned(),
            directory,
            keys,
            bounds,
            verified: Mutex::default(),
            counts: Counts::default(),
        };
        cache.sweep();
        Ok(cache)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What became of look-ups and writes.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Keeps code under that name and opens it. The file appears whole or not at
    /// all; one that was there lives on wherever it is mapped.
    pub fn put(&self, name: &Name, code: &[u8]) -> std::io::Result<File> {
        let written = self.write(name, code);
        match &written {
            Ok(_) => self.evict(name),
            Err(cause) => {
                tracing::warn!(%name, %cause, "compiled code is kept in memory only");
                self.counts.write_errors.fetch_add(1, Ordering::Relaxed);
            }
        }
        written
    }

    fn write(&self, name: &Name, code: &[u8]) -> std::io::Result<File> {
        let mut mac = self.begin(name);
        mac.update(code);
        let file = self.write_file(&name.to_string(), |file| {
            file.write_all(code)?;
            file.write_all(mac.tag().as_bytes())?;
            file.sync_all()
        })?;
        fs::fsync(&self.directory)?;
        self.verified().insert(*name, Identity::of(&fs::fstat(&file)?));
        Ok(file)
    }

    /// Has `fill` write a file of that name, which appears whole or not at all.
    fn write_file(
        &self,
        name: &str,
        fill: impl FnOnce(&mut File) -> std::io::Result<()>,
    ) -> std::io::Result<File> {
        let unfinished = unfinished();
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let mut file = File::from(fs::openat(&self.directory, &unfinished, flags, mode)?);
        let moved = |()| Ok(fs::renameat(&self.directory, &unfinished, &self.directory, name)?);
        if let Err(error) = fill(&mut file).and_then(moved) {
            // What is left of it is swept later if this fails as well.
            let _ = fs::unlinkat(&self.directory, &unfinished, AtFlags::empty());
            return Err(error);
        }
        Ok(file)
    }

    /// A file of that name, if it is there and nobody else's.
    fn open_file(&self, name: &str) -> anyhow::Result<Option<(File, Stat)>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = match fs::openat(&self.directory, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let stat = fs::fstat(&file)?;
        ensure!(
            FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
                && is_ours(&stat)
                && stat.st_mode & 0o022 == 0,
            "it is not this user's own file"
        );
        Ok(Some((file, stat)))
    }

    /// Begins with the name, so that one genuine entry cannot stand for another.
    fn begin(&self, name: &Name) -> Mac {
        let mut mac = self.keys.entries.mac();
        mac.update(name.to_string().as_bytes());
        mac
    }

    /// Eviction goes by the time of the last use. A directory that cannot be
    /// written has nothing evicted either.
    fn note_use(&self, name: &Name, file: &File, stat: &Stat) {
        let unused = SystemTime::now().duration_since(modified(stat)).unwrap_or_default();
        if unused > USE_NOTED && file.set_modified(SystemTime::now()).is_ok() {
            // The change of its time has made the file another.
            if let Ok(stat) = fs::fstat(file) {
                self.verified().insert(*name, Identity::of(&stat));
            }
        }
    }

    /// Removes what nobody finished.
    fn sweep(&self) {
        for (name, stat) in self.files() {
            let age = SystemTime::now().duration_since(modified(&stat)).unwrap_or_default();
            if name.starts_with(UNFINISHED) && age > ABANDONED {
                let _ = fs::unlinkat(&self.directory, &name, AtFlags::empty());
            }
        }
    }

    /// Removes what is too old, and of the rest the longest unused until it fits;
    /// never what was just written.
    fn evict(&self, written: &Name) {
        let written = written.to_string();
        let mut entries = self.files();
        entries.retain(|(name, _)| name.contains('-') && !name.starts_with(UNFINISHED));
        entries.sort_by_key(|(_, stat)| modified(stat));
        let size = |stat: &Stat| u64::try_from(stat.st_size).unwrap_or(0);
        let mut bytes: u64 = entries.iter().map(|(_, stat)| size(stat)).sum();
        for (name, stat) in entries {
            let age = SystemTime::now().duration_since(modified(&stat)).unwrap_or_default();
            if name == written || (bytes <= self.bounds.bytes && age <= self.bounds.age) {
                continue;
            }
            if fs::unlinkat(&self.directory, &name, AtFlags::empty()).is_ok() {
                bytes -= size(&stat);
                self.counts.evicted.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The regular files of the directory. What cannot be read is left alone.
    fn files(&self) -> Vec<(String, Stat)> {
        let Ok(entries) = fs::Dir::read_from(&self.directory) else { return Vec::new() };
        entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().to_str().ok()?.to_owned();
                let stat = fs::statat(&self.directory, &name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
                (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
                    .then_some((name, stat))
            })
            .collect()
    }

    fn verified(&self) -> std::sync::MutexGuard<'_, HashMap<Name, Identity>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Code in memory, for a host without a cache or with a full disk: a file that
/// has no name.
pub(crate) fn nameless(code: &[u8]) -> std::io::Result<File> {
    let file = fs::memfd_create("wow-code", fs::MemfdFlags::CLOEXEC)?;
    let mut file = File::from(file);
    file.write_all(code)?;
    Ok(file)
}

/// A name for a file that is being written: no other process's, no other thread's.
fn unfinished() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{UNFINISHED}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// This user's or root's: an image's cache is made by root.
fn is_ours(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw() || stat.st_uid == 0
}

fn modified(stat: &Stat) -> SystemTime {
    let seconds = Duration::from_secs(u64::try_from(stat.st_mtime).unwrap_or(0));
    SystemTime::UNIX_EPOCH + seconds
}
