//! Memory for what is large and short-lived: it comes in huge pages, and goes back
//! to the kernel when it is dropped. The allocator would keep it, and give it out
//! by pages of 4 KB, of which each costs a fault.

use bytes::Bytes;
use memmap2::{Advice, MmapMut};
use std::io;

/// From here on memory is worth a mapping of its own.
pub(crate) const LARGE: usize = 1 << 20;

/// What the kernel calls huge on x86-64, and on aarch64 with pages of 4 KB.
const HUGE: usize = 2 << 20;

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
