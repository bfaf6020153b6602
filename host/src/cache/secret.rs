//! The secret of a cache: a file in its directory, and the keys that come of it.

use super::{is_ours, unfinished};
use crate::mac::Key;
use anyhow::{Context as _, ensure};
use rustix::fs::{self, AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::CStr;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt as _;

/// The file with it.
const FILE: &CStr = c"key";

/// A key for each thing that is authenticated, so that none can stand for another.
pub(super) struct Keys {
    /// For machine code and its name.
    pub(super) entries: Key,
    /// For what was uploaded, whose code is the name of what is known of it.
    pub(super) uploads: Key,
    /// For what is known of an upload, and its name.
    pub(super) packages: Key,
}

impl Keys {
    /// The keys of the directory, whose secret is made where there is none.
    pub(super) fn of(directory: &OwnedFd) -> anyhow::Result<Self> {
        let secret = secret(directory)?;
        Ok(Self {
            entries: Key::derive("WOW cache entries 2", &secret),
            uploads: Key::derive("WOW cache uploads 1", &secret),
            packages: Key::derive("WOW cache packages 1", &secret),
        })
    }
}

/// Two hosts that make it at once agree on the one that was first: it appears whole,
/// by a link.
fn secret(directory: &OwnedFd) -> anyhow::Result<[u8; 32]> {
    if let Some(secret) = read(directory)? {
        return Ok(secret);
    }
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    let unfinished = unfinished();
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = fs::openat(directory, &unfinished, flags, Mode::RUSR | Mode::WUSR)?;
    let mut file = File::from(file);
    file.write_all(&secret)?;
    file.sync_all()?;
    let linked = fs::linkat(directory, &unfinished, directory, FILE, AtFlags::empty());
    fs::unlinkat(directory, &unfinished, AtFlags::empty())?;
    match linked {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    fs::fsync(directory)?;
    read(directory)?.context("it was removed")
}

fn read(directory: &impl AsFd) -> anyhow::Result<Option<[u8; 32]>> {
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
    let mut secret = [0; 32];
    ensure!(stat.st_size == 32, "it has {} bytes, not 32\n\nhint: remove the cache", stat.st_size);
    file.read_exact_at(&mut secret, 0)?;
    Ok(Some(secret))
}
