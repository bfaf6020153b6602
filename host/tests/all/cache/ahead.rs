//! What is authenticated before anybody asks for it.

use super::*;
use std::os::unix::fs::MetadataExt as _;
use wow::library::Ahead;

/// A cache with the code of so many actions, the first of which was used last.
fn filled(path: &Path, count: usize) {
    let library = opened(path);
    for number in 0..count {
        answers(&library, &numbered(number), number);
        let newest = entries(path).into_iter().max_by_key(|entry| modified(entry)).unwrap();
        let age = Duration::from_secs(60 * (1 + number as u64));
        File::open(newest).unwrap().set_modified(SystemTime::now() - age).unwrap();
    }
}

fn modified(entry: &Path) -> SystemTime {
    fs::metadata(entry).unwrap().modified().unwrap()
}

#[test]
fn what_was_authenticated_ahead_is_read_no_more_and_counts_as_used_when_it_is() {
    let (_temporary, path) = folder();
    filled(&path, 2);
    let size = |entry: &PathBuf| fs::metadata(entry).unwrap().len();
    let bytes = entries(&path).iter().map(size).sum();
    let library = opened(&path);
    assert_eq!(library.read_ahead(1 << 30), Ahead { entries: 2, bytes, uploads: 2 });
    assert_eq!(counts(&library), [0, 0, 0, 0]);
    // Once more is no mistake.
    assert_eq!(library.read_ahead(1 << 30).entries, 2);
    // Without a word of what the upload held: this process knows already.
    uploads(&path).iter().for_each(|file| fs::remove_file(file).unwrap());
    answers(&library, &numbered(1), 1);
    assert_eq!(counts(&library), [1, 0, 0, 0]);
}

#[test]
fn no_more_is_authenticated_ahead_than_was_said_and_the_newest_first() {
    let (_temporary, path) = folder();
    filled(&path, 3);
    let mut newest = entries(&path);
    newest.sort_by_key(|entry| std::cmp::Reverse(modified(entry)));
    let sizes: Vec<u64> = newest.iter().map(|entry| fs::metadata(entry).unwrap().len()).collect();
    let most = sizes[0] + sizes[1];
    // What uploads held is read first.
    let small: u64 = uploads(&path).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    for (most, entries, bytes) in
        [(most, 2, most), (most - 1, 1, sizes[0]), (sizes[0] - 1, 0, 0), (0, 0, 0)]
    {
        let ahead = opened(&path).read_ahead(small + most);
        assert_eq!((ahead.entries, ahead.bytes), (entries, bytes), "{most}");
    }
    // What is not genuine was read as well.
    let mut large = fs::read(&newest[0]).unwrap();
    large[0] ^= 1;
    fs::write(&newest[0], large).unwrap();
    let ahead = opened(&path).read_ahead(small + most);
    assert_eq!((ahead.entries, ahead.bytes), (1, sizes[1]));
    // The newest is read, not the first that fits.
    fs::write(&newest[0], b"not code").unwrap();
    assert_eq!(opened(&path).read_ahead(small + sizes[1] + 8).entries, 1);
}

#[test]
fn c_01_what_is_not_genuine_ahead_of_its_use_is_refused_at_its_use() {
    let (_temporary, path) = folder();
    filled(&path, 1);
    let entry = entries(&path).remove(0);
    let genuine = fs::read(&entry).unwrap();
    let mut damaged = genuine.clone();
    damaged[genuine.len() / 2] ^= 1;
    fs::write(&entry, &damaged).unwrap();
    // Files that are none of ours are passed over.
    for name in ["key-of-somebody", "upload-1", "tmp-1-1", "0-0.2"] {
        fs::write(path.join(name), b"?").unwrap();
    }
    let library = opened(&path);
    assert_eq!(library.read_ahead(1 << 30), Ahead { entries: 0, bytes: 0, uploads: 1 });
    answers(&library, &numbered(0), 0);
    assert_eq!(counts(&library), [0, 0, 1, 0]);
    // The same of what is said of an upload.
    fs::remove_file(path.join("upload-1")).unwrap();
    let upload = uploads(&path).remove(0);
    let mut damaged = fs::read(&upload).unwrap();
    damaged[0] ^= 1;
    fs::write(&upload, damaged).unwrap();
    let library = opened(&path);
    assert_eq!(library.read_ahead(1 << 30).uploads, 0);
    assert_eq!(counts(&library), [0, 0, 0, 0]);
    answers(&library, &numbered(0), 0);
    assert_eq!(counts(&library), [1, 0, 1, 0]);
}

#[test]
fn c_02_an_entry_that_is_changed_after_it_was_authenticated_ahead_is_refused() {
    let (_temporary, path) = folder();
    filled(&path, 1);
    let library = opened(&path);
    assert_eq!(library.read_ahead(1 << 30).entries, 1);
    let entry = entries(&path).remove(0);
    let mut damaged = fs::read(&entry).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let changed = || fs::metadata(&entry).map(|file| (file.ctime(), file.ctime_nsec())).unwrap();
    let before = changed();
    // More than once where the kernel's clock of files has ticks of its own.
    while changed() == before {
        fs::write(&entry, &damaged).unwrap();
    }
    answers(&library, &numbered(0), 0);
    assert_eq!(counts(&library), [0, 0, 1, 0]);
}

#[test]
fn a_library_without_a_cache_has_nothing_to_read_ahead() {
    assert_eq!(library(None).read_ahead(1 << 30), Ahead::default());
}
