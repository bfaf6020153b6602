//! Memory for what is short-lived. What is large comes in huge pages, and goes back to
//! the kernel when it is dropped, but for one page: the allocator would give it out by pages of
//! 4 KB, of which each costs a fault. The rest the allocator keeps.

use bytes::Bytes;
use memmap2::{Advice, MmapMut};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// From here on memory is worth a mapping of its own.
const LARGE: usize = 1 << 20;

/// What the kernel calls huge on x86-64, and on aarch64 with pages of 4 KB.
const HUGE: usize = 2 << 20;

/// Most that each thread keeps of memory that it does not use: what an upload of 1 MB took.
const KEPT: usize = 2 << 20;

/// How much more than it needs a thread takes at a time. Only what is touched is memory.
const STEP: usize = 512 << 10;

/// One huge page for the next request, in a process that keeps memory: the kernel would clear
/// it again each time.
static KEPT_PAGE: Spare = Spare::new();

struct Spare {
    keeps: AtomicBool,
    page: Mutex<Option<MmapMut>>,
}

/// Has the allocator keep memory for the next request, and us a huge page. It gives back by default
/// all but 128 KB, so that each `/init` of 100 KB took 100 page faults. For a process with many
/// actions, before its threads start: one with a single action has a single `/init`.
#[expect(unsafe_code, reason = "the allocator is the C library's, and so are its settings")]
pub fn keep() {
    KEPT_PAGE.keep();
    #[cfg(target_env = "gnu")]
    for (setting, value) in [
        (libc::M_MMAP_THRESHOLD, LARGE),
        (libc::M_TRIM_THRESHOLD, KEPT),
        (libc::M_TOP_PAD, STEP),
        // No lists of small pieces beside each thread's own: they are merged whenever somebody
        // wants a large piece, a twentieth of a first call.
        (libc::M_MXFAST, 0),
    ] {
        // SAFETY: it is told two numbers and touches nothing of ours.
        unsafe { libc::mallopt(setting, value.try_into().unwrap_or(libc::c_int::MAX)) };
    }
}

/// Memory for so many bytes, and what more there is in its last huge page; nothing if the allocator
/// does as well. What is in it may be from before.
pub(crate) fn take(length: usize) -> io::Result<Option<MmapMut>> {
    KEPT_PAGE.take(length)
}

/// The first bytes of it, for several to share.
pub(crate) fn share(pages: MmapMut, length: usize) -> Bytes {
    KEPT_PAGE.share(pages, length)
}

impl Spare {
    const fn new() -> Self {
        Self { keeps: AtomicBool::new(false), page: Mutex::new(None) }
    }

    /// Keeps a page from now on, the first one ready for use. A kernel that cannot make it so (before
    /// Linux 5.14) does it when it is used.
    fn keep(&self) {
        self.keeps.store(true, Ordering::Relaxed);
        let page = map(HUGE).ok();
        let _ = page.as_ref().map(|page| page.advise(Advice::PopulateWrite));
        *self.page() = page;
    }

    fn take(&self, length: usize) -> io::Result<Option<MmapMut>> {
        if (LARGE..=HUGE).contains(&length)
            && let Some(page) = self.page().take()
        {
            return Ok(Some(page));
        }
        (length >= LARGE).then(|| map(length)).transpose()
    }

    fn share(&'static self, pages: MmapMut, length: usize) -> Bytes {
        Bytes::from_owner(Shared { pages: Some(pages), spare: self }).slice(..length)
    }

    fn page(&self) -> MutexGuard<'_, Option<MmapMut>> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whole huge pages for so many bytes, as zeros.
fn map(length: usize) -> io::Result<MmapMut> {
    // Only a mapping that is whole huge pages is put where one begins (Linux 6.13).
    let whole = length.checked_next_multiple_of(HUGE).ok_or(io::ErrorKind::OutOfMemory)?;
    let pages = MmapMut::map_anon(whole)?;
    // A kernel without huge pages is only slower.
    let _ = pages.advise(Advice::HugePage);
    Ok(pages)
}

/// Memory that goes back to where it came from when nobody has a part of it any more.
struct Shared {
    /// There until then.
    pages: Option<MmapMut>,
    spare: &'static Spare,
}

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.pages.as_deref().unwrap_or_default()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let keeps = self.spare.keeps.load(Ordering::Relaxed);
        if let Some(page) = self.pages.take().filter(|pages| keeps && pages.len() == HUGE) {
            // Another that was kept goes, when the lock has been let go.
            let _other = self.spare.page().replace(page);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spare() -> &'static Spare {
        Box::leak(Box::new(Spare::new()))
    }

    #[test]
    fn a_huge_page_is_used_again_and_shows_nothing_of_before() {
        let spare = spare();
        spare.keep();
        let mut page = spare.take(LARGE).expect("memory").expect("it is kept");
        assert_eq!(page.len(), HUGE);
        page.fill(7);
        let place = page.as_ptr();
        let shared = spare.share(page, LARGE);
        let part = shared.slice(5..10);
        drop(shared);
        assert!(spare.page().is_none(), "somebody has a part of it");
        assert_eq!(part, [7; 5][..]);
        drop(part);
        let mut again = spare.take(HUGE).expect("memory").expect("it is back");
        assert!(std::ptr::eq(again.as_ptr(), place));
        again[..3].copy_from_slice(b"abc");
        assert_eq!(spare.share(again, 3), "abc");
        drop(spare.share(spare.take(HUGE + 1).expect("memory").expect("large"), 1));
        assert_eq!(spare.page().as_ref().map(|page| page.as_ptr()), Some(place), "only one page");
    }

    #[test]
    fn a_process_that_keeps_nothing_maps_only_what_is_large() {
        let spare = spare();
        assert!(spare.take(LARGE - 1).expect("memory").is_none());
        drop(spare.share(spare.take(LARGE).expect("memory").expect("large"), 1));
        assert!(spare.page().is_none());
    }
}
