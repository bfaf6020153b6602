//! The quota of a private folder: what is counted, and what is given back.

use super::*;

#[test]
fn the_quota_of_bytes_holds_however_they_are_written() {
    let full = "`/tmp` is full: it would hold 10001 bytes, its quota is 10000 bytes";
    for call in [
        json!({ "call": "stream", "on": "f", "bytes": 1, "offset": 10_000 }),
        json!({ "call": "append", "on": "f", "bytes": 1 }),
        json!({ "call": "write", "on": "f", "text": "x", "offset": 10_000 }),
        json!({ "call": "resize", "on": "f", "size": 10_001 }),
    ] {
        let (steps, log) = Disk::new().run(json!([
            open("/tmp", "a", &["create", "write"]),
            { "call": "stream", "on": "f", "bytes": 10_000 },
            call,
            // Inside of what is there it may write as often as it likes.
            { "call": "stream", "on": "f", "bytes": 10_000 },
            { "call": "resize", "on": "f", "size": 10 },
            { "call": "append", "on": "f", "bytes": 9990 },
            { "call": "stat", "on": "/tmp", "path": "a" },
        ]));
        let size = json!({ "ok": { "size": 10_000, "links": 1 } });
        assert_eq!(
            steps,
            [ok(), ok(), error("insufficient-space"), ok(), ok(), ok(), size],
            "{call}"
        );
        let operation = if call["call"] == "resize" { "resize" } else { "write" };
        assert_eq!(log, [format!("{operation} /tmp/a denied: {full}")]);
    }
}

#[test]
fn the_quota_of_bytes_counts_what_is_open_and_has_no_name() {
    let (steps, _) = Disk::new().run(json!([
        { "call": "open", "on": "/tmp", "path": "a", "with": ["create", "write"], "as": "a" },
        { "call": "append", "on": "a", "bytes": 9000 },
        { "call": "link", "on": "/tmp", "path": "a", "to": "/tmp", "new": "b" },
        { "call": "unlink", "on": "/tmp", "path": "a" },
        open("/tmp", "c", &["create", "write"]),
        // It has another name.
        { "call": "append", "on": "f", "bytes": 2000 },
        { "call": "unlink", "on": "/tmp", "path": "b" },
        // It is open.
        { "call": "append", "on": "f", "bytes": 2000 },
        { "call": "close", "on": "a" },
        { "call": "append", "on": "f", "bytes": 2000 },
        // One that takes another's name, and one that is emptied as it is opened.
        { "call": "rename", "on": "/tmp", "path": "c", "to": "/tmp", "new": "d" },
        { "call": "open", "on": "/tmp", "path": "e", "with": ["create", "write"], "as": "e" },
        { "call": "append", "on": "e", "bytes": 8000 },
        { "call": "rename", "on": "/tmp", "path": "d", "to": "/tmp", "new": "e" },
        { "call": "close", "on": "e" },
        { "call": "append", "on": "f", "bytes": 8000 },
        { "call": "open", "on": "/tmp", "path": "e", "with": ["truncate", "write"], "as": "e" },
        { "call": "append", "on": "e", "bytes": 10_000 },
    ]));
    let full = error("insufficient-space");
    let mut expected = vec![ok(); 18];
    expected[5] = full.clone();
    expected[7] = full;
    assert_eq!(steps, expected);
}

#[test]
fn a_file_that_could_not_be_cut_keeps_its_room() {
    let (steps, _) = Disk::new().run(json!([
        { "call": "open", "on": "/tmp", "path": "a", "with": ["create", "write"], "as": "a" },
        { "call": "append", "on": "a", "bytes": 10_000 },
        { "call": "open", "on": "/tmp", "path": "a", "as": "read" },
        { "call": "resize", "on": "read", "size": 0 },
        open("/tmp", "b", &["create", "write"]),
        { "call": "append", "on": "f", "bytes": 1 },
    ]));
    let full = error("insufficient-space");
    assert_eq!(steps, [ok(), ok(), ok(), error("invalid"), ok(), full]);
}

#[test]
fn the_quota_of_entries_holds_for_everything_that_has_a_name() {
    let (steps, log) = Disk::new().run(json!([
        open("/tmp", "file", &["create", "write"]),
        open("/tmp", "file", &["create", "write"]),
        { "call": "make-directory", "on": "/tmp", "path": "d" },
        { "call": "symlink", "on": "/tmp", "target": "d", "path": "l" },
        { "call": "link", "on": "/tmp", "path": "file", "to": "/tmp", "new": "h" },
        // What fails takes nothing.
        { "call": "make-directory", "on": "/tmp", "path": "d" },
        { "call": "make-directory", "on": "/tmp", "path": "d/d" },
        open("/tmp", "more", &["create", "write"]),
        { "call": "make-directory", "on": "/tmp", "path": "more" },
        { "call": "symlink", "on": "/tmp", "target": "d", "path": "more" },
        { "call": "link", "on": "/tmp", "path": "file", "to": "/tmp", "new": "more" },
        // What is removed is free again.
        { "call": "remove-directory", "on": "/tmp", "path": "d/d" },
        { "call": "make-directory", "on": "/tmp", "path": "more" },
        { "call": "rename", "on": "/tmp", "path": "file", "to": "/tmp", "new": "h" },
        { "call": "unlink", "on": "/tmp", "path": "l" },
        open("/tmp", "again", &["create", "write"]),
        open("/tmp", "over", &["create", "write"]),
    ]));
    let full = error("insufficient-space");
    let mut expected = vec![ok(); 17];
    expected[5] = error("exist");
    for over in [7, 8, 9, 10, 16] {
        expected[over] = full.clone();
    }
    assert_eq!(steps, expected);
    let sentence = "`/tmp` is full: it holds 5 files, directories and links, its quota";
    assert_eq!(log[0], format!("write /tmp/more denied: {sentence}"));
    assert_eq!(log.len(), 5);
}
