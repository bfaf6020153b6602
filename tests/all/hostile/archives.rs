//! Archives that are larger than they look, or that lie about what is in them.

use super::{refusals, runtime};
use serde_json::json;
use std::io::{Cursor, Write as _};
use wow_tests::process::wow;
use wow_tests::wat;
use zip::write::{SimpleFileOptions, ZipWriter};

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The bytes with every `from` replaced by a `to` of the same length.
fn patch(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut places = 0;
    for place in 0..bytes.len().saturating_sub(from.len()) {
        if bytes[place..].starts_with(from) {
            bytes[place..place + from.len()].copy_from_slice(to);
            places += 1;
        }
    }
    assert!(places > 0, "nothing to patch");
    bytes
}

/// Archives are refused by a runtime whose folder is empty, and stays so.
fn archive_refusals(archives: &[Vec<u8>]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (inside, above) = (folder.path().join("a/b"), folder.path().join("a"));
    std::fs::create_dir_all(&inside).unwrap();
    let mut program = wow();
    program.current_dir(&inside);
    let sentences = refusals(&runtime(program, &[]), archives);
    assert_eq!(std::fs::read_dir(inside).unwrap().count(), 0, "nothing was unpacked");
    assert_eq!(std::fs::read_dir(above).unwrap().count(), 1, "nothing was unpacked");
    sentences
}

#[test]
fn i_02_an_archive_that_is_larger_than_it_looks_stops_at_the_limit() {
    let bomb = zip(&[("action.wasm", &vec![0; 256 << 20])]);
    assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
    let many: Vec<_> = (0..=1000).map(|number| format!("{number}.txt")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let component = wat::action(wat::ECHO);
    let nested = zip(&[("action.wasm", &zip(&[("action.wasm", &component)]))]);
    // The size is in the local header and in the directory, as 32 bits.
    let size = |size: usize| u32::try_from(size).unwrap().to_le_bytes();
    let small = patch(bomb.clone(), &size(256 << 20), &size(100));
    let sentences = archive_refusals(&[bomb, zip(&many), nested, small]);
    let expected = [
        "action.wasm is larger than 128 MB unpacked",
        "the zip archive has 1001 members, more than 1000",
        "the member of the archive is an archive in an archive\n\nhint: put action.wasm at the top of one zip archive",
        "the zip archive is broken: File is larger than its declared uncompressed size",
    ];
    assert_eq!(sentences, expected);
}

#[test]
fn i_02_members_that_are_the_same_bytes_are_read_once() {
    // A thousand entries of the directory, all of one member.
    let component = wat::action(wat::ECHO);
    let one = zip(&[("action.wasm", &component)]);
    let directory = (0..one.len()).find(|place| one[*place..].starts_with(b"PK\x01\x02")).unwrap();
    let end = (0..one.len()).find(|place| one[*place..].starts_with(b"PK\x05\x06")).unwrap();
    let entry = &one[directory..end];
    let mut bomb = [&one[..directory], &entry.repeat(1000), &one[end..]].concat();
    let tail = bomb.len() - (one.len() - end);
    // Entries on this disk, entries, size of the directory (APPNOTE 4.3.16).
    let entries = 1000_u16.to_le_bytes();
    bomb[tail + 8..tail + 10].copy_from_slice(&entries);
    bomb[tail + 10..tail + 12].copy_from_slice(&entries);
    let size = u32::try_from(entry.len() * 1000).unwrap().to_le_bytes();
    bomb[tail + 12..tail + 16].copy_from_slice(&size);
    let runtime = runtime(wow(), &[]);
    assert_eq!(super::init(&runtime, &bomb), (200, json!({ "ok": true })));
}

#[test]
fn i_03_names_that_lead_elsewhere_are_no_members() {
    let component = wat::action(wat::ECHO);
    let none = "the zip archive has no action.wasm at its top\n\nhint: make one without folders: \
                `zip -j action.zip path/to/action.wasm`";
    let names =
        ["../action.wasm", "/action.wasm", "..\\action.wasm", "C:\\action.wasm", "ACTION.WASM"];
    let mut archives: Vec<_> = names.iter().map(|name| zip(&[(name, &component)])).collect();
    let mut link = ZipWriter::new(Cursor::new(Vec::new()));
    link.add_symlink("action.wasm", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    archives.push(link.finish().unwrap().into_inner());
    let mut expected = vec![none.to_owned(); names.len()];
    expected.push(
        "the member of the archive is not a component: 11 bytes that begin with \"/etc/pas\"\n\n\
         hint: build a component, in Rust with `cargo build --target wasm32-wasip2`"
            .to_owned(),
    );
    assert_eq!(archive_refusals(&archives), expected);
}

#[test]
fn i_03_of_two_members_of_one_name_the_last_is_run_as_everywhere() {
    let component = wat::action(wat::ECHO);
    let (bad, good) = (&b"another"[..], component.as_slice());
    let twice = |first, last| {
        let two = zip(&[("action.wasX", first), ("action.wasm", last)]);
        patch(two, b"action.wasX", b"action.wasm")
    };
    let refusal = "the member of the archive is not a component: 7 bytes, \"another\"\n\nhint: build a \
                   component, in Rust with `cargo build --target wasm32-wasip2`";
    assert_eq!(archive_refusals(&[twice(good, bad)]), [refusal]);
    let runtime = runtime(wow(), &[]);
    assert_eq!(super::init(&runtime, &twice(bad, good)), (200, json!({ "ok": true })));
}
