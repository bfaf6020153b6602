//! A directory of its own for each activation: made when the guest first looks at
//! its files, removed with everything in it afterwards, and swept by the next host
//! if this one was killed.

use anyhow::{Context as _, ensure};
use rustix::fs::{AtFlags, Dir, FileType, FlockOperation, Mode, OFlags};
use rustix::fs::{flock, fstat, mkdirat, open, openat, renameat, unlinkat};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Directories are opened without following a link in the last place.
const DIRECTORY: OFlags =
    OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::RDONLY).union(OFlags::CLOEXEC);

/// Only this user reads or writes.
const PRIVATE: Mode = Mode::RWXU;

/// How often a directory that fills again while it is emptied is emptied.
const MOST_SWEEPS: usize = 10;

/// Where one host makes the directories of its activations.
#[derive(Debug)]
pub struct Scratch {
    base: OwnedFd,
    name: CString,
    /// Locked as long as this host lives: what is not locked was left behind.
    own: OwnedFd,
    next: AtomicU64,
}

impl Scratch {
    /// Uses the directory `base`, which is made if it is not there, and removes what
    /// hosts that are gone have left in it.
    pub fn open(base: &Path) -> anyhow::Result<Self> {
        let named = || format!("cannot use {} for activations' files", base.display());
        match rustix::fs::mkdir(base, PRIVATE) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(cause) => return Err(cause).with_context(named),
        }
        let directory = open(base, DIRECTORY, Mode::empty()).with_context(named)?;
        let found = fstat(&directory).with_context(named)?;
        let own = rustix::process::getuid().as_raw();
        ensure!(found.st_uid == own, "{}: it belongs to user {}", named(), found.st_uid);
        ensure!(
            found.st_mode & 0o077 == 0,
            "{}: its mode is {:o}, not 700",
            named(),
            found.st_mode & 0o7777
        );
        sweep(directory.as_fd()).with_context(named)?;
        Self::claim(directory).with_context(named)
    }

    /// A place that no other host uses.
    fn claim(base: OwnedFd) -> anyhow::Result<Self> {
        let name = CString::new(format!("host-{:016x}", random()?))?;
        mkdirat(&base, &name, PRIVATE)?;
        let own = openat(&base, &name, DIRECTORY, Mode::empty())?;
        flock(&own, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { base, name, own, next: AtomicU64::new(0) })
    }

    /// An empty directory. Blocks.
    pub(super) fn make(self: &Arc<Self>) -> io::Result<Private> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = CString::new(number.to_string())?;
        mkdirat(&self.own, &name, PRIVATE)?;
        let root = openat(&self.own, &name, DIRECTORY, Mode::empty())?;
        Ok(Private { scratch: Arc::clone(self), name, root: File::from(root) })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(cause) = remove(self.base.as_fd(), &self.name) {
            tracing::warn!(%cause, "files of activations are left for the next host to remove");
        }
    }
}

/// One activation's directory. Dropped, it is removed, which blocks.
#[derive(Debug)]
pub(super) struct Private {
    scratch: Arc<Scratch>,
    name: CString,
    pub(super) root: File,
}

impl Drop for Private {
    fn drop(&mut self) {
        if let Err(cause) = remove(self.scratch.own.as_fd(), &self.name) {
            tracing::warn!(%cause, "files of an activation are left until the host ends");
        }
    }
}

/// Removes what hosts that are gone have left.
fn sweep(base: BorrowedFd<'_>) -> rustix::io::Result<()> {
    for (name, _) in entries(base)? {
        let left = match openat(base, &name, DIRECTORY, Mode::empty()) {
            Ok(left) => left,
            // Not ours, or gone.
            Err(_) => continue,
        };
        if flock(&left, FlockOperation::NonBlockingLockExclusive).is_ok() {
            remove(base, &name)?;
        }
    }
    Ok(())
}

/// Removes a directory and everything below it, following no link.
///
/// Not by recursion: a guest chooses how deep its directories are. Directories
/// that are found inside are moved up and emptied in turn, so that two descriptors
/// are enough for any depth.
fn remove(parent: BorrowedFd<'_>, name: &CStr) -> rustix::io::Result<()> {
    let root = openat(parent, name, DIRECTORY, Mode::empty())?;
    // The guest chose the names that are there: it cannot have guessed this one.
    let mut fresh = random()?;
    // A write that was under way when the activation ended may add to what is emptied.
    for _ in 0..MOST_SWEEPS {
        while empty(root.as_fd(), &mut fresh)? {}
        match unlinkat(parent, name, AtFlags::REMOVEDIR) {
            Err(Errno::NOTEMPTY) => {}
            other => return other,
        }
    }
    Err(Errno::NOTEMPTY)
}

/// Removes the entries of `root`; whether there were any.
fn empty(root: BorrowedFd<'_>, fresh: &mut u64) -> rustix::io::Result<bool> {
    let found = entries(root)?;
    for (name, kind) in &found {
        if *kind != FileType::Directory {
            gone(unlinkat(root, name, AtFlags::empty()))?;
            continue;
        }
        let inner = openat(root, name, DIRECTORY, Mode::empty())?;
        for (child, kind) in entries(inner.as_fd())? {
            if kind == FileType::Directory {
                *fresh = fresh.wrapping_add(1);
                gone(renameat(&inner, &child, root, format!("{fresh:016x}")))?;
            } else {
                gone(unlinkat(&inner, &child, AtFlags::empty()))?;
            }
        }
        match unlinkat(root, name, AtFlags::REMOVEDIR) {
            // The next round finds it again.
            Err(Errno::NOTEMPTY) => {}
            other => gone(other)?,
        }
    }
    Ok(!found.is_empty())
}

fn random() -> rustix::io::Result<u64> {
    getrandom::u64().map_err(|_| Errno::AGAIN)
}

/// What is not there need not be removed.
fn gone(removed: rustix::io::Result<()>) -> rustix::io::Result<()> {
    match removed {
        Err(Errno::NOENT) => Ok(()),
        other => other,
    }
}

/// The entries of a directory but for itself and its parent.
fn entries(directory: BorrowedFd<'_>) -> rustix::io::Result<Vec<(CString, FileType)>> {
    let mut found = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let kind = match entry.file_type() {
            // Not every file system says it.
            FileType::Unknown => {
                let stat = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
                FileType::from_raw_mode(stat.st_mode)
            }
            known => known,
        };
        found.push((name.to_owned(), kind));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("a directory");
        let name = |entry: io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<_> =
            entries.map(|entry| name(entry).into_string().expect("text")).collect();
        names.sort();
        names
    }

    #[test]
    fn f_06_a_directory_is_removed_with_everything_in_it_and_nothing_else() {
        let outside = tempfile::tempdir().expect("a directory");
        fs::write(outside.path().join("kept"), "kept").expect("written");
        let base = outside.path().join("scratch");
        let scratch = Arc::new(Scratch::open(&base).expect("a place"));
        let private = scratch.make().expect("a directory");
        let root = base.join(&names(&base)[0]).join("0");
        symlink(outside.path(), root.join("link")).expect("a link");
        fs::create_dir(root.join("d")).expect("a directory");
        symlink("../..", root.join("d/up")).expect("a link");
        fs::write(root.join("d/f"), "f").expect("written");
        drop(private);
        assert_eq!(names(root.parent().expect("a parent")), [""; 0]);
        assert_eq!(fs::read_to_string(outside.path().join("kept")).expect("kept"), "kept");
        drop(scratch);
        assert_eq!(names(&base), [""; 0]);
    }

    #[test]
    fn f_06_depth_takes_neither_stack_nor_descriptors() {
        let outside = tempfile::tempdir().expect("a directory");
        let scratch = Arc::new(Scratch::open(&outside.path().join("s")).expect("a place"));
        let private = scratch.make().expect("a directory");
        let mut deepest = private.root.try_clone().expect("a descriptor");
        for _ in 0..5000 {
            mkdirat(&deepest, "d", PRIVATE).expect("a directory");
            deepest = openat(&deepest, "d", DIRECTORY, Mode::empty()).expect("opened").into();
        }
        drop(private);
        assert_eq!(entries(scratch.own.as_fd()), Ok(Vec::new()));
    }

    #[test]
    fn f_06_what_a_killed_host_left_is_swept_and_what_a_living_one_uses_is_not() {
        let outside = tempfile::tempdir().expect("a directory");
        let base = outside.path().join("s");
        let living = Arc::new(Scratch::open(&base).expect("a place"));
        let _private = living.make().expect("a directory");
        // As a host that was killed leaves it: files, and no lock.
        fs::create_dir_all(base.join("host-1/0/d")).expect("directories");
        fs::write(base.join("host-1/0/d/secret"), "s").expect("written");
        let next = Scratch::open(&base).expect("a place");
        let mut expected =
            [&living.name, &next.name].map(|name| name.to_str().expect("text").to_owned());
        expected.sort();
        assert_eq!(names(&base), expected);
    }

    #[test]
    fn a_place_that_others_can_reach_is_refused() {
        let outside = tempfile::tempdir().expect("a directory");
        let base = outside.path().join("s");
        fs::create_dir(&base).expect("a directory");
        fs::set_permissions(&base, fs::Permissions::from_mode(0o755)).expect("a mode");
        let refused = Scratch::open(&base).expect_err("refused").to_string();
        let named = format!("cannot use {} for activations' files", base.display());
        assert_eq!(refused, format!("{named}: its mode is 755, not 700"));
        fs::set_permissions(&base, fs::Permissions::from_mode(0o700)).expect("a mode");
        let link = outside.path().join("link");
        symlink(&base, &link).expect("a link");
        assert!(Scratch::open(&link).is_err(), "a link");
    }
}
