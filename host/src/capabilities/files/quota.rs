//! How much of an activation's own directory is taken: bytes and entries, counted
//! before they are written.
//!
//! A file counts with its length, holes and all, and for as long as anything of
//! the activation can still write to it: a file that was unlinked while it is
//! open takes room like any other.

use crate::capabilities::policy::Quota;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A quota that is used up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Exhausted {
    Bytes { wanted: u64, limit: u64 },
    Entries { limit: u64 },
}

impl std::fmt::Display for Exhausted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes { wanted, limit } => {
                write!(f, "it would hold {wanted} bytes, its quota is {limit} bytes")
            }
            Self::Entries { limit } => {
                write!(f, "it holds {limit} files, directories and links, its quota")
            }
        }
    }
}

/// What is taken of a quota.
#[derive(Debug)]
pub(super) struct Usage {
    quota: Quota,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    bytes: u64,
    entries: u64,
}

impl Usage {
    pub(super) fn new(quota: Quota) -> Arc<Self> {
        Arc::new(Self { quota, taken: Mutex::default() })
    }

    /// Takes one entry.
    pub(super) fn enter(&self) -> Result<(), Exhausted> {
        let mut taken = self.lock();
        if taken.entries >= self.quota.entries {
            return Err(Exhausted::Entries { limit: self.quota.entries });
        }
        taken.entries += 1;
        Ok(())
    }

    /// Gives one entry back.
    pub(super) fn leave(&self) {
        let mut taken = self.lock();
        taken.entries = taken.entries.saturating_sub(1);
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file's share, given back when nothing refers to the file any more.
#[derive(Debug)]
pub(super) struct Share {
    usage: Arc<Usage>,
    extent: Mutex<Extent>,
}

#[derive(Debug, Default)]
struct Extent {
    /// The longest that the file may be.
    length: u64,
    /// Writes that were begun and may still lengthen it.
    begun: usize,
}

impl Share {
    /// A file that is empty.
    pub(super) fn new(usage: &Arc<Usage>) -> Arc<Self> {
        Arc::new(Self { usage: Arc::clone(usage), extent: Mutex::default() })
    }

    /// Makes room for so many bytes from `start` on.
    pub(super) fn write(&self, start: u64, bytes: u64) -> Result<(), Exhausted> {
        // Longer than any file can be: the quota says so.
        self.reach(start.saturating_add(bytes))
    }

    /// Makes room for a file that is at least so long.
    pub(super) fn reach(&self, end: u64) -> Result<(), Exhausted> {
        let mut extent = self.lock();
        if end > extent.length { self.resize(&mut extent, end) } else { Ok(()) }
    }

    /// Makes room for so many bytes behind the end.
    pub(super) fn append(&self, bytes: u64) -> Result<(), Exhausted> {
        let mut extent = self.lock();
        let end = extent.length.saturating_add(bytes);
        self.resize(&mut extent, end)
    }

    /// Gives back what is behind `end`: the file was cut there. A write that is under way
    /// may come after the cut, so nothing is given back then.
    pub(super) fn cut(&self, end: u64) {
        let mut extent = self.lock();
        if extent.begun == 0 && end < extent.length {
            self.usage.lock().bytes -= extent.length - end;
            extent.length = end;
        }
    }

    /// Says that a write goes on after its call.
    pub(super) fn begin(&self) {
        self.lock().begun += 1;
    }

    /// Says that it is over.
    pub(super) fn finish(&self) {
        self.lock().begun -= 1;
    }

    fn resize(&self, extent: &mut Extent, end: u64) -> Result<(), Exhausted> {
        let mut taken = self.usage.lock();
        let limit = self.usage.quota.bytes;
        let wanted = (taken.bytes - extent.length).saturating_add(end);
        if wanted > limit {
            return Err(Exhausted::Bytes { wanted, limit });
        }
        taken.bytes = wanted;
        extent.length = end;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Extent> {
        self.extent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let length = self.lock().length;
        self.usage.lock().bytes -= length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota { bytes: 100, entries: 2 };

    #[test]
    fn a_file_counts_with_its_length_however_it_grew() {
        let usage = Usage::new(QUOTA);
        let file = Share::new(&usage);
        assert_eq!(file.write(0, 40), Ok(()));
        assert_eq!(file.write(10, 20), Ok(()), "inside");
        assert_eq!(file.append(40), Ok(()));
        assert_eq!(file.write(80, 20), Ok(()), "to the last byte");
        let over = Err(Exhausted::Bytes { wanted: 101, limit: 100 });
        assert_eq!(file.append(1), over);
        assert_eq!(file.write(100, 1), over);
        assert_eq!(file.reach(101), over);
        file.cut(10);
        let other = Share::new(&usage);
        assert_eq!(other.reach(90), Ok(()));
        assert_eq!(other.append(1), over);
    }

    #[test]
    fn a_hole_at_the_end_of_the_world_is_over_the_quota() {
        let usage = Usage::new(QUOTA);
        let file = Share::new(&usage);
        let over = Err(Exhausted::Bytes { wanted: u64::MAX, limit: 100 });
        assert_eq!(file.write(u64::MAX, 2), over);
        assert_eq!(file.reach(u64::MAX), over);
        assert_eq!(file.reach(100), Ok(()));
    }

    #[test]
    fn a_file_that_nothing_refers_to_gives_its_room_back() {
        let usage = Usage::new(QUOTA);
        let file = Share::new(&usage);
        assert_eq!(file.reach(100), Ok(()));
        let open = Arc::clone(&file);
        drop(file);
        let other = Share::new(&usage);
        let over = Err(Exhausted::Bytes { wanted: 101, limit: 100 });
        assert_eq!(other.reach(1), over, "unlinked, but open");
        drop(open);
        assert_eq!(other.reach(100), Ok(()));
    }

    #[test]
    fn a_file_that_is_cut_while_it_is_written_gives_nothing_back() {
        let usage = Usage::new(QUOTA);
        let (file, other) = (Share::new(&usage), Share::new(&usage));
        assert_eq!(file.append(100), Ok(()));
        file.begin();
        file.cut(0);
        assert_eq!(other.reach(1), Err(Exhausted::Bytes { wanted: 101, limit: 100 }));
        file.finish();
        file.cut(0);
        assert_eq!(other.reach(100), Ok(()));
    }

    #[test]
    fn entries_are_counted_both_ways() {
        let usage = Usage::new(QUOTA);
        assert_eq!((usage.enter(), usage.enter()), (Ok(()), Ok(())));
        assert_eq!(usage.enter(), Err(Exhausted::Entries { limit: 2 }));
        usage.leave();
        assert_eq!(usage.enter(), Ok(()));
    }
}
