//! An entry on its way from its name to code that is genuine: found, authenticated, known again.

use super::resident::resident;
use super::{Cache, Name};
use crate::mac::{Mac, Tag};
use anyhow::ensure;
use rustix::fs::{self, Stat};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::Ordering;

/// The bytes of the authentication at the end of an entry.
const TAG: u64 = Tag::BYTES as u64;
/// How many bytes of an entry are worth a mapping while they are authenticated: of fewer, to make it
/// and to end it costs what a copy does.
const WORTH_MAPPING: u64 = 1 << 20;

/// An entry that was found, and may yet be forged.
pub(crate) struct Entry {
    pub(crate) name: Name,
    file: File,
    stat: Stat,
    /// Whether this process has authenticated it.
    known: bool,
}

impl Entry {
    /// How many bytes have to be read before it can be used.
    pub(crate) fn unread(&self) -> u64 {
        if self.known { 0 } else { self.stat.st_size.try_into().unwrap_or(0) }
    }
}

/// A file as it was when it was read: one that was replaced, changed or merely
/// touched is another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
    size: i64,
    changed: (i64, i64),
}

impl Identity {
    pub(super) fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev,
            inode: stat.st_ino,
            size: stat.st_size,
            changed: (stat.st_ctime, stat.st_ctime_nsec.cast_signed()),
        }
    }
}

impl Cache {
    /// The entry of that name, to authenticate. None, which is counted, if it is not there or
    /// not ours.
    pub(crate) fn find(&self, name: &Name) -> Option<Entry> {
        match self.open_file(&name.to_string()) {
            Ok(Some((file, stat))) => {
                let known = self.verified().get(name) == Some(&Identity::of(&stat));
                Some(Entry { name: *name, file, stat, known })
            }
            Ok(None) => {
                self.counts.misses.fetch_add(1, Ordering::Relaxed);
                None
            }
            Err(cause) => {
                self.reject(name, &cause);
                None
            }
        }
    }

    /// The code of an entry, if it is genuine. The file ends with the authentication,
    /// which wasmtime does not mind.
    pub(crate) fn authenticate(&self, entry: Entry) -> Option<File> {
        let Entry { name, file, stat, known } = entry;
        if !known && let Err(cause) = self.check(&name, &file, &stat) {
            self.reject(&name, &cause);
            return None;
        }
        self.note_use(&name, &file, &stat);
        self.counts.hits.fetch_add(1, Ordering::Relaxed);
        Some(file)
    }

    /// The code of that name, if it is there and genuine.
    pub fn get(&self, name: &Name) -> Option<File> {
        self.authenticate(self.find(name)?)
    }

    fn reject(&self, name: &Name, cause: &anyhow::Error) {
        tracing::warn!(%name, "an entry of the cache is not used: {cause:#}");
        self.counts.rejected.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn check(&self, name: &Name, file: &File, stat: &Stat) -> anyhow::Result<()> {
        let identity = Identity::of(stat);
        let size = u64::try_from(stat.st_size)?;
        ensure!(size > TAG, "it has only {size} bytes");
        let mut tag = [0; Tag::BYTES];
        file.read_exact_at(&mut tag, size - TAG)?;
        let mac = self.mac(name, file, stat, size - TAG)?;
        ensure!(mac.is(&Tag::from(tag)), "it is forged or damaged");
        // It was read while nobody changed it.
        ensure!(Identity::of(&fs::fstat(file)?) == identity, "it was changed while it was read");
        self.verified().insert(*name, identity);
        Ok(())
    }

    fn mac(&self, name: &Name, file: &File, stat: &Stat, length: u64) -> io::Result<Mac> {
        let mut mac = self.begin(name);
        // Of files of others the kernel says that it has all.
        let is_owner = stat.st_uid == rustix::process::geteuid().as_raw();
        if length >= WORTH_MAPPING
            && is_owner
            && let Some(bytes) = usize::try_from(length).ok().and_then(|n| resident(file, n))
        {
            mac.update(&bytes);
            return Ok(mac);
        }
        // Little enough that it costs few page faults where it is new, and that it stays in the
        // processor's cache from the one reading to the other.
        let mut buffer = vec![0; 32 << 10];
        let mut place = 0;
        while place < length {
            let wanted =
                usize::try_from(length - place).map_or(buffer.len(), |n| n.min(buffer.len()));
            let chunk = &mut buffer[..wanted];
            file.read_exact_at(chunk, place)?;
            mac.update(chunk);
            place += wanted as u64;
        }
        Ok(mac)
    }
}
