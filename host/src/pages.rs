//! Memory for what is short-lived. What is large comes in huge pages, and goes back to
//! the kernel when it is dropped: the allocator would give it out by pages of 4 KB, of which
//! each costs a fault. The rest the allocator keeps.

use bytes::Bytes;
use memmap2::{Advice, MmapMut};
use std::io;

/// From here on memory is worth a mapping of its own.
pub(crate) const LARGE: usize = 1 << 20;

/// What the kernel calls huge on x86-64, and on aarch64 with pages of 4 KB.
const HUGE: usize = 2 << 20;

/// Most that each thread keeps of memory that it does not use: what an upload of 1 MB took.
const KEPT: usize = 2 << 20;

/// How much more than it needs a thread takes at a time. Only what is touched is memory.
const STEP: usize = 512 << 10;

/// Has the allocator keep memory for the next request. It gives back by default all but
/// 128 KB, so that each `/init` of 100 KB took 100 page faults. For a process with many actions,
/// before its threads start: one with a single action has a single `/init`.
#[expect(unsafe_code, reason = "the allocator is the C library's, and so are its settings")]
pub fn keep() {
    #[cfg(target_env = "gnu")]
    for (setting, bytes) in
        [(libc::M_MMAP_THRESHOLD, LARGE), (libc::M_TRIM_THRESHOLD, KEPT), (libc::M_TOP_PAD, STEP)]
    {
        // SAFETY: it is told two numbers and touches nothing of ours.
        unsafe { libc::mallopt(setting, bytes.try_into().unwrap_or(libc::c_int::MAX)) };
    }
}

/// So many zeros, and what more there is in their last huge page.
pub(crate) fn zeros(length: usize) -> io::Result<MmapMut> {
    // Only a mapping that is whole huge pages is put where one begins (Linux 6.13).
    let whole = length.checked_next_multiple_of(HUGE).ok_or(io::ErrorKind::OutOfMemory)?;
    let pages = MmapMut::map_anon(whole)?;
    // A kernel without huge pages is only slower.
    let _ = pages.advise(Advice::HugePage);
    Ok(pages)
}

/// The first bytes of it, for several to share.
pub(crate) fn share(pages: MmapMut, length: usize) -> Bytes {
    Bytes::from_owner(pages).slice(..length)
}
