//! The key of a cache: what makes an entry genuine. Whoever knows it can forge code,
//! so it stays in the cache's own directory, for its owner alone.

use super::{Name, is_ours, unfinished};
use anyhow::{Context as _, ensure};
use rustix::fs::{self, AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::CStr;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;

/// The file with the key.
const FILE: &CStr = c"key";

/// A secret of the cache's owner.
pub(super) struct Key([u8; 32]);

impl Key {
    /// The key in the directory. Two hosts that make it at once agree on the one that
    /// was first: it appears whole, by a link.
    pub(super) fn of(directory: &OwnedFd) -> anyhow::Result<Self> {
        if let Some(key) = read(directory)? {
            return Ok(key);
        }
        make(directory)?;
        read(directory)?.context("it was removed")
    }

    /// A hash of the name, so that one genuine entry cannot stand for another.
    fn hasher(&self, name: &Name) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(name.to_string().as_bytes());
        hasher
    }

    /// What a genuine entry of that name and code ends with.
    pub(super) fn tag(&self, name: &Name, code: &[u8]) -> blake3::Hash {
        self.hasher(name).update(code).finalize()
    }

    /// The same of code that is the first so many bytes of a file.
    pub(super) fn tag_of_file(
        &self,
        name: &Name,
        file: &File,
        length: u64,
    ) -> std::io::Result<blake3::Hash> {
        let mut hasher = self.hasher(name);
        // Enough for BLAKE3's widest instructions, and little enough that the allocator has it at
        // hand: fresh pages would cost more than the hash.
        let mut buffer = vec![0; 64 << 10];
        let mut place = 0;
        while place < length {
            let wanted =
                usize::try_from(length - place).map_or(buffer.len(), |n| n.min(buffer.len()));
            let chunk = &mut buffer[..wanted];
            file.read_exact_at(chunk, place)?;
            hasher.update(chunk);
            place += wanted as u64;
        }
        Ok(hasher.finalize())
    }
}

fn make(directory: &OwnedFd) -> anyhow::Result<()> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    let unfinished = unfinished();
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = fs::openat(directory, &unfinished, flags, Mode::RUSR | Mode::WUSR)?;
    let mut file = File::from(file);
    file.write_all(&key)?;
    file.sync_all()?;
    let linked = fs::linkat(directory, &unfinished, directory, FILE, AtFlags::empty());
    fs::unlinkat(directory, &unfinished, AtFlags::empty())?;
    match linked {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(fs::fsync(directory)?)
}

fn read(directory: &OwnedFd) -> anyhow::Result<Option<Key>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = match fs::openat(directory, FILE, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let stat = fs::fstat(&file)?;
    ensure!(
        is_ours(&stat) && stat.st_mode & 0o077 == 0,
        "it has owner {} and mode {:o}: whoever knows it can forge code\n\nhint: remove the cache",
        stat.st_uid,
        stat.st_mode & 0o7777
    );
    let mut key = [0; 32];
    ensure!(stat.st_size == 32, "it has {} bytes, not 32\n\nhint: remove the cache", stat.st_size);
    file.read_exact_at(&mut key, 0)?;
    Ok(Some(Key(key)))
}
