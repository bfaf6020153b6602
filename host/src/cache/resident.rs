//! What the kernel has of a file in memory, without a copy of it.

use memmap2::{Mmap, MmapOptions};
use std::fs::File;

/// The smallest page that there is.
const PAGE: usize = 4 << 10;

/// The first bytes of a file that nobody changes, if the kernel has all of them: to copy them costs as
/// much as to authenticate them. Others are for `read`: there a disk that fails is an error, and
/// here it were a signal that ends the process.
#[expect(unsafe_code, reason = "a mapping is a promise that nobody changes the file")]
pub(super) fn resident(file: &File, length: usize) -> Option<Mmap> {
    // SAFETY: entries are in a directory that is ours alone, and are neither written again nor cut
    // short once they have their names. wasmtime maps the same file for as long as its code is
    // loaded, and relies on it as well.
    let bytes = unsafe { MmapOptions::new().len(length).map(file) }.ok()?;
    // As of a page that is there: where pages are larger than this the kernel fills in fewer.
    let mut pages = vec![1_u8; length.div_ceil(PAGE)];
    let start = bytes.as_ptr().cast_mut().cast();
    // SAFETY: all of it is mapped, and there is a byte for each page at least.
    let asked = unsafe { libc::mincore(start, length, pages.as_mut_ptr()) };
    (asked == 0 && pages.iter().all(|page| page & 1 == 1)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn what_was_just_written_is_there_and_what_cannot_be_mapped_is_not() {
        let mut file = tempfile::tempfile().expect("a file");
        let text: Vec<u8> = (0..=250).cycle().take(3 * PAGE + 7).collect();
        file.write_all(&text).expect("written");
        let bytes = resident(&file, 2 * PAGE + 5).expect("it is in memory");
        assert_eq!(bytes[..], text[..2 * PAGE + 5]);
        let folder = File::open("/").expect("a directory");
        assert!(resident(&folder, PAGE).is_none());
    }

    #[test]
    fn what_the_kernel_would_have_to_read_is_not_there() {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&[7; 64 * PAGE]).expect("written");
        // A hole: no page of it is in memory before somebody reads it.
        file.set_len(128 * PAGE as u64).expect("longer");
        assert!(resident(&file, 128 * PAGE).is_none());
        assert!(resident(&file, 64 * PAGE).is_some());
    }
}
