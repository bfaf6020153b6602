//! Compiled code: found, shared, put to sleep, and never taken from a stranger.

mod ahead;
mod genuine;

use crate::{COMPILE, LIMITS, TestHost, WORKER, compiler, library};
use serde_json::json;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use wow::cache::{Bounds, Cache, Name};
use wow::compiler::{CompileLimits, Compiler};
use wow::library::Library;
use wow_tests::{process, wat};

const BOUNDS: Bounds = Bounds { bytes: 1 << 30, age: Duration::from_secs(24 * 60 * 60) };

/// A folder that only this test's caches use.
fn folder() -> (TempDir, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("cache");
    (temporary, path)
}

/// A new process's library, as far as a test can have one.
fn opened(path: &Path) -> Arc<Library> {
    Arc::new(library(Some(Cache::open(path, BOUNDS).unwrap())))
}

fn counts(library: &Library) -> [u64; 4] {
    let counts = library.cache().unwrap().counts();
    [&counts.hits, &counts.misses, &counts.rejected, &counts.write_errors]
        .map(|count: &AtomicU64| count.load(Ordering::Relaxed))
}

/// An action that answers with its own number.
fn numbered(number: usize) -> Vec<u8> {
    wat::action(&wat::constant(&format!("{{\"number\":{number}}}")))
}

fn answers(library: &Arc<Library>, component: &[u8], number: usize) {
    let host = TestHost::of(&WORKER, LIMITS, Arc::clone(library)).load(component);
    assert_eq!(host.run(json!({})), (200, json!({ "number": number })));
}

/// The files of code in a cache.
fn entries(path: &Path) -> Vec<PathBuf> {
    let is_code = |name: &str| name.contains('-') && !name.starts_with("upload-");
    files(path, is_code)
}

/// What a cache knows of uploads.
fn uploads(path: &Path) -> Vec<PathBuf> {
    files(path, |name| name.starts_with("upload-"))
}

fn files(path: &Path, of: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let files = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let files = files.filter(|entry| of(entry.file_name().to_str().unwrap()));
    let mut files: Vec<_> = files.map(|entry| entry.path()).collect();
    files.sort();
    files
}

#[test]
fn code_is_compiled_once_and_then_found_on_disk() {
    let (_temporary, path) = folder();
    let first = opened(&path);
    answers(&first, &numbered(1), 1);
    assert_eq!(counts(&first), [0, 1, 0, 0]);
    let second = opened(&path);
    answers(&second, &numbered(1), 1);
    assert_eq!(counts(&second), [1, 0, 0, 0]);
    assert_eq!(entries(&path).len(), 1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        [mode(&path), mode(&path.join("key")), mode(&entries(&path)[0])],
        [0o700, 0o600, 0o600]
    );
}

#[test]
fn o_02_a_thousand_first_calls_of_one_action_compile_it_once() {
    let (_temporary, path) = folder();
    let library = opened(&path);
    let component = numbered(1);
    WORKER.block_on(async {
        let loads = (0..1000).map(|_| {
            let (library, component) = (Arc::clone(&library), component.clone());
            tokio::spawn(async move { library.load(component).await.unwrap() })
        });
        let loads: Vec<_> = loads.collect();
        let mut first = None;
        for load in loads {
            let code = load.await.unwrap();
            let first = first.get_or_insert_with(|| Arc::clone(&code));
            assert!(Arc::ptr_eq(first, &code), "one copy for all");
        }
    });
    assert_eq!(counts(&library), [0, 1, 0, 0]);
}

#[test]
fn a_compilation_outlives_the_init_that_asked_for_it() {
    let (_temporary, path) = folder();
    let library = opened(&path);
    let patience = WORKER.block_on(async {
        tokio::time::timeout(Duration::from_millis(1), library.load(numbered(1))).await
    });
    assert!(patience.is_err(), "nobody compiles within a millisecond");
    while entries(&path).iter().all(|entry| entry.to_str().unwrap().contains("tmp-")) {
        thread::yield_now();
    }
    answers(&opened(&path), &numbered(1), 1);
}

#[test]
fn c_03_an_entry_that_is_mapped_is_replaced_and_not_rewritten() {
    let (_temporary, path) = folder();
    let first = opened(&path);
    let host = TestHost::of(&WORKER, LIMITS, Arc::clone(&first)).load(&numbered(1));
    let entry = entries(&path).remove(0);
    let held = fs::File::open(&entry).unwrap();
    let before = fs::read(&entry).unwrap();
    // Another process that does not trust the entry compiles it again, under the same name.
    fs::remove_file(path.join("key")).unwrap();
    let second = opened(&path);
    answers(&second, &numbered(1), 1);
    assert_eq!(counts(&second), [0, 0, 1, 0]);
    let mut after = Vec::new();
    (&held).read_to_end(&mut after).unwrap();
    assert_eq!(before, after, "what the first has mapped is untouched");
    assert_eq!(host.run(json!({})), (200, json!({ "number": 1 })));
}

#[test]
fn c_04_code_for_another_engine_has_another_name() {
    let (_temporary, path) = folder();
    answers(&opened(&path), &numbered(1), 1);
    let entry = entries(&path).remove(0);
    let name = entry.file_name().unwrap().to_str().unwrap();
    let (component, engine) = name.split_once('-').unwrap();
    assert_eq!(component, blake3::hash(&numbered(1)).to_string());
    assert_eq!(engine, format!("{}.2", wow_engine::key()));
}

#[test]
fn c_05_a_host_that_is_killed_while_it_writes_leaves_a_cache_that_works() {
    let (temporary, path) = folder();
    let files: Vec<_> = (0..100)
        .map(|number| {
            let file = temporary.path().join(format!("{number}.wasm"));
            fs::write(&file, numbered(number)).unwrap();
            file
        })
        .collect();
    // Killed a hundred times, each time a little later.
    for (number, file) in files.iter().enumerate() {
        let mut child = process::wow()
            .arg("compile")
            .arg(file)
            .args(&files[..number.min(3)])
            .env("WOW_CACHE", &path)
            .env("WOW_COMPILE", compiler())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_micros(400 * number as u64));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let library = opened(&path);
    for (number, file) in files.iter().enumerate() {
        answers(&library, &fs::read(file).unwrap(), number);
    }
    let [hits, misses, rejected, write_errors] = counts(&library);
    assert_eq!((hits + misses, rejected, write_errors), (100, 0, 0), "whole or not at all");
}

#[test]
fn c_05_what_was_not_finished_long_ago_is_swept() {
    let (_temporary, path) = folder();
    drop(Cache::open(&path, BOUNDS).unwrap());
    let (old, new) = (path.join("tmp-1-0"), path.join("tmp-1-1"));
    for file in [&old, &new] {
        fs::write(file, b"half").unwrap();
    }
    let yesterday = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    fs::File::open(&old).unwrap().set_modified(yesterday).unwrap();
    drop(Cache::open(&path, BOUNDS).unwrap());
    assert_eq!((old.exists(), new.exists()), (false, true));
}

#[test]
fn c_06_a_host_without_a_cache_keeps_code_in_memory() {
    let library = Arc::new(library(None));
    let host = TestHost::of(&WORKER, LIMITS, Arc::clone(&library)).load(&numbered(1));
    assert_eq!(host.run(json!({})), (200, json!({ "number": 1 })));
    library.hibernate(Duration::ZERO);
    assert_eq!(library.loaded(), 0);
    assert_eq!(host.run(json!({})), (200, json!({ "number": 1 })), "and finds it there again");
}

#[test]
fn c_06_a_cache_that_cannot_be_written_serves_and_counts() {
    let (temporary, path) = folder();
    answers(&opened(&path), &numbered(1), 1);
    // A full disk, as small as can be: a file system of a few pages.
    let full = temporary.path().join("full");
    fs::create_dir(&full).unwrap();
    let mount = |arguments: &[&str]| Command::new("mount").args(arguments).arg(&full).status();
    let mounted = mount(&["-t", "tmpfs", "-o", "size=8k,mode=700", "none"]);
    if !mounted.is_ok_and(|status| status.success()) {
        // Who may not mount cannot show this; CI runs as root and does.
        assert_ne!(rustix::process::geteuid().as_raw(), 0, "root may mount");
        return;
    }
    let library = opened(&full);
    answers(&library, &numbered(2), 2);
    assert_eq!(counts(&library), [0, 1, 0, 1]);
    unmount(&full);
    // A cache that is mounted read-only is read, and what is not in it is kept in memory.
    let bind = Command::new("mount").arg("--bind").arg(&path).arg(&full).status().unwrap();
    assert!(bind.success() && mount(&["-o", "remount,ro,bind"]).unwrap().success());
    let library = opened(&full);
    answers(&library, &numbered(1), 1);
    answers(&library, &numbered(2), 2);
    assert_eq!(counts(&library), [1, 1, 0, 1]);
    unmount(&full);
}

/// Lazily: a host that was dropped may still be closing its files.
fn unmount(folder: &Path) {
    let umount = Command::new("umount").arg("--lazy").arg(folder).status().unwrap();
    assert!(umount.success());
}

#[test]
fn c_07_two_hosts_on_one_folder_are_both_right() {
    let (_temporary, path) = folder();
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                let library = opened(&path);
                for number in 0..5 {
                    answers(&library, &numbered(number), number);
                }
            });
        }
    });
    assert_eq!(entries(&path).len(), 5);
    let library = opened(&path);
    for number in 0..5 {
        answers(&library, &numbered(number), number);
    }
    assert_eq!(counts(&library), [5, 0, 0, 0]);
}

#[test]
fn c_08_the_longest_unused_is_evicted_and_what_is_mapped_lives_on() {
    let (_temporary, path) = folder();
    let first = opened(&path);
    let hosts: Vec<_> = (0..3)
        .map(|number| TestHost::of(&WORKER, LIMITS, Arc::clone(&first)).load(&numbered(number)))
        .collect();
    let size = fs::metadata(&entries(&path)[0]).unwrap().len();
    let hour = Duration::from_secs(60 * 60);
    for (number, age) in [(0, hour * 3), (1, hour * 2), (2, hour)] {
        let name = blake3::hash(&numbered(number)).to_string();
        let entry =
            entries(&path).into_iter().find(|entry| entry.to_str().unwrap().contains(&name));
        let entry = fs::File::open(entry.unwrap()).unwrap();
        entry.set_modified(SystemTime::now() - age).unwrap();
    }
    // Room for two and a half: the next one written pushes two out.
    let bounds = Bounds { bytes: size * 5 / 2, ..BOUNDS };
    let second = Arc::new(library(Some(Cache::open(&path, bounds).unwrap())));
    answers(&second, &numbered(3), 3);
    assert_eq!(second.cache().unwrap().counts().evicted.load(Ordering::Relaxed), 2);
    let left: Vec<_> = entries(&path).iter().map(|path| path.display().to_string()).collect();
    for (number, there) in [(0, false), (1, false), (2, true), (3, true)] {
        let name = blake3::hash(&numbered(number)).to_string();
        assert_eq!(left.iter().any(|entry| entry.contains(&name)), there, "{number}");
    }
    first.hibernate(Duration::ZERO);
    for (number, host) in hosts.iter().enumerate() {
        assert_eq!(host.run(json!({})), (200, json!({ "number": number })), "even out of sleep");
    }
}

#[test]
fn c_08_an_entry_that_was_not_used_for_too_long_is_evicted() {
    let (_temporary, path) = folder();
    answers(&opened(&path), &numbered(1), 1);
    let entry = entries(&path).remove(0);
    let last_week = SystemTime::now() - Duration::from_secs(7 * 24 * 60 * 60);
    fs::File::open(&entry).unwrap().set_modified(last_week).unwrap();
    answers(&opened(&path), &numbered(2), 2);
    assert!(!entry.exists());
}

#[test]
fn c_09_an_uploaded_cwasm_is_never_loaded() {
    let (_temporary, path) = folder();
    let library = opened(&path);
    answers(&library, &numbered(1), 1);
    let machine_code = fs::read(&entries(&path)[0]).unwrap();
    let host = TestHost::of(&WORKER, LIMITS, library);
    let (status, body) = host.init(&machine_code);
    let sentence = body["error"].as_str().unwrap().lines().next().unwrap();
    let refusal = "the code is machine code (an ELF file, such as a `.cwasm`), which is never run";
    assert_eq!((status, sentence), (502, refusal));
}

#[test]
fn containers_with_the_same_code_share_it_and_sleep_together() {
    let library = Arc::new(library(None));
    let hosts =
        [(); 3].map(|()| TestHost::of(&WORKER, LIMITS, Arc::clone(&library)).load(&numbered(1)));
    assert_eq!(library.loaded(), 1);
    library.hibernate(Duration::from_secs(3600));
    assert_eq!(library.loaded(), 1, "it was used a moment ago");
    library.hibernate(Duration::ZERO);
    assert_eq!(library.loaded(), 0);
    for host in &hosts {
        assert_eq!(host.run(json!({})), (200, json!({ "number": 1 })));
    }
    assert_eq!(library.loaded(), 1);
}

#[test]
fn i_07_a_compiler_that_takes_too_much_or_too_long_is_the_components_fault() {
    let bomb = bomb();
    assert!(bomb.len() < 200_000, "{} bytes", bomb.len());
    for (limits, sentence) in [
        (
            CompileLimits { memory: 256 << 20, ..COMPILE },
            "the component cannot be compiled within 256 MB",
        ),
        (
            CompileLimits { time: Duration::from_secs(1), ..COMPILE },
            "the component takes longer than ",
        ),
    ] {
        let library = Library::open(Compiler::new(compiler(), limits), None, 32).unwrap();
        let library = Arc::new(library);
        let host = TestHost::of(&WORKER, LIMITS, Arc::clone(&library));
        let (status, body) = host.init(&bomb);
        let error = body["error"].as_str().unwrap();
        assert_eq!(status, 502, "{error}");
        assert!(error.starts_with(sentence), "{error}");
        answers(&library, &numbered(1), 1);
    }
}

/// A small component that takes Cranelift some seconds and more than 400 MB: in
/// one loop, a thousand variables meet at six thousand places.
fn bomb() -> Vec<u8> {
    const VARIABLES: usize = 1000;
    let places: String = (0..6000)
        .map(|place| {
            let (to, from) = (place * 7919 % VARIABLES + 1, place * 104_729 % VARIABLES + 1);
            format!(
                "(block (br_if 0 (i32.and (local.get 0) (i32.const {place})))
                 (local.set {to} (i64.add (local.get {to}) (local.get {from}))))"
            )
        })
        .collect();
    let sum = (1..=VARIABLES).fold("(i64.const 0)".to_owned(), |sum, variable| {
        format!("(i64.add {sum} (local.get {variable}))")
    });
    let variables = "i64 ".repeat(VARIABLES);
    wat::assemble(&format!(
        "(component (core module (func (param i32) (result i64) (local {variables})
         (loop {places} (br_if 0 (local.get 0))) {sum})))"
    ))
}
