//! Each call of `wasi:filesystem` from each language: what a binding passes wrong is a path, a
//! flag or an offset of another call. `host/tests/all/files.rs` has what the host forbids in full.

use super::*;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;
use wow_tests::guests::in_each_language;

/// What one language made of the steps.
struct Ran {
    guest: String,
    folder: TempDir,
    /// What was asked for.
    taken: Vec<Value>,
    /// What became of it.
    steps: Vec<Value>,
    log: String,
}

/// The steps in each language, each in a folder of its own, which `prepare` makes ready.
fn in_each(prepare: impl Fn(&Path) -> Vec<Value>) -> Vec<Ran> {
    let run = |guest: String| {
        let folder = operators();
        let taken = prepare(folder.path());
        let (runtime, init) = serving(folder.path(), ALL, &guest);
        assert_eq!(init, (200, json!({ "ok": true })), "{guest}");
        let (steps, log) = attempt(&runtime, taken.clone());
        Ran { guest, folder, taken, steps, log }
    };
    in_each_language("paths").into_iter().map(run).collect()
}

fn ok() -> Value {
    json!({ "ok": null })
}

fn open(on: &str, path: &str, with: &[&str]) -> Value {
    json!({ "call": "open", "on": on, "path": path, "with": with, "as": "f" })
}

#[test]
fn every_call_does_what_its_name_says() {
    let steps = json!([
        open("/work", "a", &["create", "exclusive", "write"]),
        { "call": "write", "on": "f", "text": "Zürich" },
        { "call": "stream", "on": "f", "bytes": 4, "offset": 7 },
        { "call": "append", "on": "f", "bytes": 5000 },
        { "call": "stat", "on": "/work", "path": "a" },
        { "call": "resize", "on": "f", "size": 13 },
        { "call": "stream", "on": "f", "bytes": 1, "offset": 2 },
        { "call": "read", "on": "f" },
        open("/work", "a", &["truncate", "write"]),
        { "call": "write", "on": "f", "text": "x", "offset": 2 },
        { "call": "read", "on": "f" },
        { "call": "touch", "on": "/work", "path": "old" },
        { "call": "make-directory", "on": "/work", "path": "d" },
        { "call": "open", "on": "/work", "path": "d", "with": ["directory"], "as": "d" },
        { "call": "rename", "on": "/work", "path": "a", "to": "d", "new": "b" },
        { "call": "link", "on": "d", "path": "b", "to": "/work", "new": "h" },
        { "call": "symlink", "on": "d", "target": "b", "path": "l" },
        { "call": "list", "on": "d" },
        { "call": "stat", "on": "d", "path": "l" },
        { "call": "stat", "on": "d", "path": "l", "follow": true },
        { "call": "unlink", "on": "d", "path": "b" },
        { "call": "unlink", "on": "d", "path": "l" },
        { "call": "remove-directory", "on": "/work", "path": "d" },
        { "call": "list", "on": "/work" },
        { "call": "close", "on": "d" },
        { "call": "list", "on": "d" },
    ]);
    let size = |size: u64, links: u64| json!({ "ok": { "size": size, "links": links } });
    let expected = json!([
        ok(), { "ok": 7 }, ok(), ok(), size(5011, 1), ok(), ok(), { "ok": "Z\u{fffd}xrichxxxxxx" },
        ok(), { "ok": 1 }, { "ok": "\0\0x" },
        ok(), ok(), ok(), ok(), ok(), ok(), { "ok": ["b", "l"] },
        size(1, 1), size(3, 2), ok(), ok(), ok(), { "ok": ["h", "old"] },
        ok(), { "error": "no descriptor `d`" },
    ]);
    for ran in in_each(|_| steps.as_array().unwrap().clone()) {
        assert_eq!(json!(ran.steps), expected, "{}", ran.guest);
        assert_eq!(ran.log, "", "{}", ran.guest);
        assert_eq!(fs::read(ran.folder.path().join("work/h")).unwrap(), b"\0\0x");
    }
}

#[test]
fn what_is_closed_or_replaced_is_dropped_and_holds_no_room() {
    let append = |on: &str, bytes: u64| json!({ "call": "append", "on": on, "bytes": bytes });
    let mut instead = create("c");
    instead["as"] = json!("b");
    let steps = vec![
        create("a"),
        append("a", 900),
        step("unlink", "/tmp", "a"),
        create("b"),
        // What is open counts, though it has no name.
        append("b", 200),
        json!({ "call": "close", "on": "a" }),
        append("b", 200),
        step("unlink", "/tmp", "b"),
        instead,
        append("b", 1000),
    ];
    let mut expected = vec![ok(); 10];
    expected[4] = json!({ "error": "insufficient-space" });
    for ran in in_each(|_| steps.clone()) {
        assert_eq!(ran.steps, expected, "{}", ran.guest);
    }
}

#[test]
fn every_error_has_the_name_that_wasi_gives_it() {
    let steps = json!([
        step("open", "/work", "nothing"),
        step("unlink", "/work", "nothing"),
        step("stat", "/work", "old/below"),
        step("remove-directory", "/work", "old"),
        step("make-directory", "/work", "old"),
        step("stat", "/work", "x".repeat(300)),
        open("/work", "old", &["create", "exclusive", "write"]),
        open("/work", "old", &["directory"]),
        open("/tmp", "a", &["create", "write"]),
        { "call": "append", "on": "f", "bytes": 1001 },
        { "call": "resize", "on": "f", "size": 1001 },
        { "call": "rename", "on": "/work", "path": "old", "to": "/tmp", "new": "old" },
        { "call": "list", "on": "/nowhere" },
    ]);
    let mut names = [
        "no-entry",
        "no-entry",
        "not-directory",
        "not-directory",
        "exist",
        "name-too-long",
        "exist",
        "not-directory",
        "",
        "insufficient-space",
        "insufficient-space",
        "cross-device",
        "no descriptor `/nowhere`",
    ]
    .map(|name| json!({ "error": name }));
    names[8] = ok();
    for ran in in_each(|_| steps.as_array().unwrap().clone()) {
        assert_eq!(ran.steps, names, "{}", ran.guest);
    }
}

#[test]
fn f_01_no_path_leads_out_of_a_volume_in_any_language() {
    const PATHS: [&str; 17] = [
        "..",
        "../",
        "../secret",
        "./../secret",
        "parent/secret",
        "parent/",
        "up/secret",
        "up/",
        "out",
        "out/",
        "root",
        "root/secret",
        "root/.",
        "/proc/self/cwd",
        "/etc/passwd",
        "//etc",
        "",
    ];
    let with = [&["follow"][..], &[], &["follow", "directory"], &["follow", "write", "create"]];
    let prepare = |folder: &Path| {
        let mut steps = Vec::new();
        for volume in ["assets", "work"] {
            let link = |to: &Path, name| symlink(to, folder.join(volume).join(name)).unwrap();
            link(Path::new(".."), "parent");
            link(Path::new("../.."), "up");
            link(&folder.join("secret"), "out");
            link(folder, "root");
            let on = format!("/{volume}");
            let absolute = folder.join("secret").display().to_string();
            for with in with {
                steps.extend(PATHS.iter().map(|path| open(&on, path, with)));
                steps.push(open(&on, &absolute, with));
            }
            for path in ["../secret", "parent/secret", "up/secret", "root/secret", "../x/"] {
                for call in ["unlink", "remove-directory", "make-directory", "touch"] {
                    steps.push(step(call, &on, path));
                }
                for call in ["rename", "link"] {
                    let mut out = json!({ "call": call, "on": on, "path": path, "to": on });
                    out["new"] = json!("n");
                    steps.push(out);
                    let mut into = json!({ "call": call, "on": on, "path": "old", "to": on });
                    into["new"] = json!(path);
                    steps.push(into);
                }
            }
            steps.push(json!({ "call": "symlink", "on": on, "target": absolute, "path": "n" }));
        }
        steps
    };
    for ran in in_each(prepare) {
        for (taken, step) in ran.taken.iter().zip(&ran.steps) {
            assert!(step["error"].is_string(), "{}: {taken}: {step}", ran.guest);
        }
        assert_eq!(fs::read_to_string(ran.folder.path().join("secret")).unwrap(), "s");
        assert_eq!(ran.folder.path().read_dir().unwrap().count(), 5, "{}", ran.guest);
    }
}

#[test]
fn f_02_a_read_only_volume_stays_as_it_is_in_any_language() {
    let steps = json!([
        open("/assets", "logo", &["write"]),
        open("/assets", "logo", &["truncate"]),
        open("/assets", "new", &["create"]),
        open("/assets", "new", &["create", "exclusive", "write"]),
        step("make-directory", "/assets", "d"),
        step("remove-directory", "/assets", "logo"),
        step("unlink", "/assets", "logo"),
        step("touch", "/assets", "logo"),
        { "call": "symlink", "on": "/assets", "target": "logo", "path": "l" },
        { "call": "rename", "on": "/assets", "path": "logo", "to": "/work", "new": "logo" },
        { "call": "link", "on": "/assets", "path": "logo", "to": "/work", "new": "l" },
        { "call": "rename", "on": "/work", "path": "old", "to": "/assets", "new": "old" },
        { "call": "link", "on": "/work", "path": "old", "to": "/assets", "new": "old" },
        open("/assets", "logo", &[]),
        { "call": "write", "on": "f", "text": "x" },
        { "call": "stream", "on": "f", "bytes": 1 },
        { "call": "append", "on": "f", "bytes": 1 },
        { "call": "resize", "on": "f", "size": 0 },
        { "call": "read", "on": "f" },
    ]);
    let mut expected = vec![json!({ "error": "read-only" }); 19];
    expected[13] = ok();
    expected[18] = json!({ "ok": "a logo" });
    for ran in in_each(|_| steps.as_array().unwrap().clone()) {
        assert_eq!(ran.steps, expected, "{}", ran.guest);
        let first = "write /assets/logo denied: the volume is read-only\n";
        assert!(ran.log.starts_with(first), "{}: {}", ran.guest, ran.log);
        assert_eq!(ran.log.lines().count(), 17, "{}: {}", ran.guest, ran.log);
        assert_eq!(fs::read(ran.folder.path().join("assets/logo")).unwrap(), b"a logo");
    }
}

#[test]
fn f_03_a_fifo_or_a_socket_holds_up_no_language() {
    let prepare = |folder: &Path| {
        let made = Command::new("mkfifo").arg(folder.join("work/fifo")).status();
        assert!(made.unwrap().success());
        drop(UnixListener::bind(folder.join("work/socket")).unwrap());
        let with = [&["follow"][..], &["follow", "write"], &["follow", "write", "create"]];
        with.iter().flat_map(|with| ["fifo", "socket"].map(|at| open("/work", at, with))).collect()
    };
    for ran in in_each(prepare) {
        assert_eq!(ran.steps, vec![json!({ "error": "access" }); 6], "{}", ran.guest);
        let first = "open /work/fifo denied: it is neither a file nor a directory\n";
        assert!(ran.log.starts_with(first), "{}: {}", ran.guest, ran.log);
    }
}
