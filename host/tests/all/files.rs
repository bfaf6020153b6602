//! Files of a guest: what a volume's mode and the quota of its own directory allow,
//! whatever it calls and however it writes a path.

mod quota;

use crate::{LIBRARY, LIMITS, WORKER};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;
use wow::actions::Action;
use wow::activation::{self, Outcome};
use wow::capabilities::files::{Grant, Scratch};
use wow::capabilities::{self, Mode, Quota, Volume};
use wow::library::Code;
use wow::limits::{Allowance, Deadline, Limits};
use wow::logs::Logs;
use wow::protocol::{Environment, Run};
use wow_tests::guests;

static CODE: LazyLock<Arc<Code>> =
    LazyLock::new(|| WORKER.block_on(LIBRARY.load(guests::read("paths.rust"))).unwrap());

const QUOTA: Quota = Quota { bytes: 10_000, entries: 5 };

/// A volume `data` that may be read, one `work` that may be written, both on one file
/// system, and a secret outside of them.
struct Disk {
    root: TempDir,
    scratch: Arc<Scratch>,
}

impl Disk {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [("secret", "s"), ("data/inner/note", "hello"), ("work/mine", "m")] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let scratch = Arc::new(Scratch::open(&root.path().join("scratch")).unwrap());
        Self { root, scratch }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn grant(&self) -> Grant {
        let volume = |name: &str, path, mode| {
            let volume = Volume { name: name.to_owned(), path, mode };
            capabilities::files::Volume::open(&volume).unwrap()
        };
        Grant {
            volumes: vec![
                volume("data", self.path("data"), Mode::ReadOnly),
                volume("work", self.path("work"), Mode::ReadWrite),
                // The machine's own devices: to make one takes privileges.
                volume("dev", PathBuf::from("/dev"), Mode::ReadWrite),
            ],
            tmp: Some((Arc::clone(&self.scratch), QUOTA)),
        }
    }

    /// What became of each step, and what the log says.
    fn run(&self, steps: Value) -> (Vec<Value>, Vec<String>) {
        let (outcome, log) = self.activate(steps, Duration::from_secs(20));
        let Ok(Outcome::Success(text)) = outcome else { panic!("{outcome:?}: {log:?}") };
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["directories"], json!(["/data", "/dev", "/tmp", "/work"]));
        (answer["steps"].as_array().unwrap().clone(), log)
    }

    fn activate(&self, steps: Value, time: Duration) -> (Result<Outcome, wow::Error>, Vec<String>) {
        let name = "paths".to_owned();
        let code = Arc::clone(&CODE);
        let mut action = Action::new(name, "main", Environment::new(), code, &LIBRARY).unwrap();
        action.grant.files = Arc::new(self.grant());
        let body = json!({ "value": { "steps": steps } }).to_string();
        let run = Run::parse(body.as_bytes(), SystemTime::now()).unwrap();
        let allowance = Allowance::new(Limits { memory: 8 << 20, ..LIMITS });
        let (logs, deadline) = (Logs::new(1 << 20), Deadline::after(time));
        let activation = activation::run(&action, &run, &LIBRARY, &allowance, deadline, &logs);
        let (outcome, _) = WORKER.block_on(activation);
        let log = String::from_utf8(logs.take().1).unwrap();
        (outcome, log.lines().map(str::to_owned).collect())
    }
}

fn ok() -> Value {
    json!({ "ok": null })
}

fn error(code: &str) -> Value {
    json!({ "error": code })
}

fn open(on: &str, path: &str, with: &[&str]) -> Value {
    json!({ "call": "open", "on": on, "path": path, "with": with, "as": "f" })
}

#[test]
fn a_volume_is_read_and_written_as_its_mode_says() {
    let disk = Disk::new();
    let (steps, log) = disk.run(json!([
        open("/data", "inner/note", &[]),
        { "call": "read", "on": "f" },
        open("/work", "made", &["create", "write"]),
        { "call": "write", "on": "f", "text": "one" },
        { "call": "append", "on": "f", "bytes": 2 },
        { "call": "list", "on": "/work" },
        { "call": "rename", "on": "/work", "path": "made", "to": "/work", "new": "kept" },
    ]));
    let expected = [
        ok(),
        json!({ "ok": "hello" }),
        ok(),
        json!({ "ok": 3 }),
        ok(),
        json!({ "ok": ["made", "mine"] }),
        ok(),
    ];
    assert_eq!(steps, expected);
    assert_eq!(log, [""; 0]);
    assert_eq!(fs::read_to_string(disk.path("work/kept")).unwrap(), "onexx");
}

#[test]
fn f_01_no_path_leads_out_of_a_volume() {
    let disk = Disk::new();
    for volume in ["data", "work"] {
        symlink("../..", disk.path(volume).join("up")).unwrap();
        symlink(disk.path("secret"), disk.path(volume).join("out")).unwrap();
        symlink(disk.root.path(), disk.path(volume).join("root")).unwrap();
        let link = format!("/proc/self/cwd/{volume}");
        symlink(link, disk.path(volume).join("proc")).unwrap();
        symlink("..", disk.path(volume).join("parent")).unwrap();
    }
    let absolute = disk.path("secret").display().to_string();
    let paths = [
        "..",
        "../",
        "../secret",
        "./../secret",
        "inner/../../secret",
        "parent/secret",
        "parent/",
        "parent/../secret",
        "up/secret",
        "up/",
        "out",
        "out/",
        "root",
        "root/",
        "root/secret",
        "root/.",
        "proc",
        "proc/",
        "/proc/self/cwd",
        "/proc/self/fd/1",
        "/etc/passwd",
        "//etc",
        "",
        &absolute,
    ];
    let flags = [&["follow"][..], &[], &["follow", "directory"], &["follow", "write", "create"]];
    for volume in ["/data", "/work"] {
        for with in flags {
            let steps: Vec<_> = paths.iter().map(|path| open(volume, path, with)).collect();
            let (steps, _) = disk.run(json!(steps));
            for (path, step) in paths.iter().zip(steps) {
                assert!(step["error"].is_string(), "{volume} {path:?} {with:?}: {step}");
            }
        }
        let other = |call: &str, path: &str| match call {
            "symlink" => json!({ "call": call, "on": volume, "target": absolute, "path": path }),
            "rename" | "link" => {
                json!({ "call": call, "on": volume, "path": path, "to": volume, "new": "n" })
            }
            _ => json!({ "call": call, "on": volume, "path": path }),
        };
        for call in ["unlink", "remove-directory", "make-directory", "rename", "link", "touch"] {
            for path in ["../secret", "parent/secret", "up/secret", "root/secret", "../x/"] {
                let (steps, _) = disk.run(json!([other(call, path)]));
                assert!(steps[0]["error"].is_string(), "{call} {volume} {path}: {}", steps[0]);
            }
        }
        let (steps, _) = disk.run(json!([other("symlink", "absolute")]));
        assert!(steps[0]["error"].is_string(), "a link that leads out: {}", steps[0]);
    }
    assert_eq!(fs::read_to_string(disk.path("secret")).unwrap(), "s");
    assert_eq!(entries(disk.root.path()), ["data", "scratch", "secret", "work"]);
}

#[test]
fn f_02_a_read_only_volume_stays_as_it_is() {
    let disk = Disk::new();
    let before = fs::metadata(disk.path("data/inner/note")).unwrap();
    let calls = json!([
        open("/data", "inner/note", &["write"]),
        open("/data", "inner/note", &["truncate"]),
        open("/data", "inner/new", &["create"]),
        open("/data", "inner/new", &["create", "exclusive", "write"]),
        { "call": "make-directory", "on": "/data", "path": "d" },
        { "call": "remove-directory", "on": "/data", "path": "inner" },
        { "call": "unlink", "on": "/data", "path": "inner/note" },
        { "call": "symlink", "on": "/data", "target": "inner", "path": "l" },
        { "call": "touch", "on": "/data", "path": "inner/note" },
        { "call": "rename", "on": "/data", "path": "inner", "to": "/data", "new": "outer" },
        { "call": "link", "on": "/data", "path": "inner/note", "to": "/data", "new": "l" },
        // Into and out of one that may be written.
        { "call": "rename", "on": "/data", "path": "inner", "to": "/work", "new": "outer" },
        { "call": "link", "on": "/data", "path": "inner/note", "to": "/work", "new": "l" },
        { "call": "rename", "on": "/work", "path": "mine", "to": "/data", "new": "mine" },
        { "call": "link", "on": "/work", "path": "mine", "to": "/data", "new": "mine" },
    ]);
    let (steps, log) = disk.run(calls.clone());
    assert_eq!(steps, vec![error("read-only"); calls.as_array().unwrap().len()]);
    assert_eq!(log[0], "write /data/inner/note denied: the volume is read-only");
    assert_eq!(log.len(), steps.len());
    // A descriptor below it, and a file that was opened to be read.
    let (steps, _) = disk.run(json!([
        { "call": "open", "on": "/data", "path": "inner", "with": ["directory"], "as": "d" },
        open("d", "note", &[]),
        { "call": "write", "on": "f", "text": "x" },
        { "call": "stream", "on": "f", "bytes": 1 },
        { "call": "append", "on": "f", "bytes": 1 },
        { "call": "resize", "on": "f", "size": 0 },
        { "call": "unlink", "on": "d", "path": "note" },
        open("d", "note", &["write"]),
    ]));
    assert_eq!(steps[..2], [ok(), ok()]);
    assert_eq!(steps[2..], vec![error("read-only"); 6]);
    let after = fs::metadata(disk.path("data/inner/note")).unwrap();
    assert_eq!((after.len(), after.modified().unwrap()), (5, before.modified().unwrap()));
    assert_eq!(entries(&disk.path("data")), ["inner"]);
    assert_eq!(entries(&disk.path("work")), ["mine"]);
}

#[test]
fn f_02_nothing_is_moved_between_volumes() {
    let disk = Disk::new();
    let (steps, log) = disk.run(json!([
        { "call": "rename", "on": "/work", "path": "mine", "to": "/tmp", "new": "mine" },
        { "call": "link", "on": "/work", "path": "mine", "to": "/tmp", "new": "mine" },
    ]));
    assert_eq!(steps, vec![error("cross-device"); 2]);
    assert_eq!(log[0], "rename /work/mine denied: /tmp is another volume");
}

#[test]
fn f_03_a_fifo_a_socket_or_a_device_holds_nobody_up() {
    let disk = Disk::new();
    let made = std::process::Command::new("mkfifo").arg(disk.path("work/fifo")).status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(disk.path("work/socket")).unwrap();
    symlink("fifo", disk.path("work/link")).unwrap();
    for with in [&["follow"][..], &["follow", "write"], &["follow", "write", "create"]] {
        let (steps, log) = disk.run(json!([
            open("/work", "fifo", with),
            open("/work", "socket", with),
            open("/work", "link", with),
            open("/dev", "zero", with),
        ]));
        assert_eq!(steps, vec![error("access"); 4]);
        assert_eq!(log[0], "open /work/fifo denied: it is neither a file nor a directory");
        assert_eq!(log[3], "open /dev/zero denied: it is neither a file nor a directory");
    }
}

#[test]
fn f_04_a_directory_that_becomes_a_link_while_it_is_opened_leads_nowhere() {
    let disk = Disk::new();
    fs::create_dir(disk.path("work/d")).unwrap();
    fs::write(disk.path("work/d/secret"), "mine").unwrap();
    fs::create_dir(disk.path("outside")).unwrap();
    fs::write(disk.path("outside/secret"), "theirs").unwrap();
    // As no guest can make one: the worst that a volume may hold.
    symlink(disk.path("outside"), disk.path("work/l")).unwrap();
    let [directory, link] = ["work/d", "work/l"].map(|path| disk.path(path));
    let (over, begun) = (AtomicBool::new(false), Instant::now());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let flags = rustix::fs::RenameFlags::EXCHANGE;
            // A test that failed says so.
            while !over.load(Ordering::Relaxed) && begun.elapsed() < Duration::from_secs(60) {
                let here = rustix::fs::CWD;
                rustix::fs::renameat_with(here, &directory, here, &link, flags).unwrap();
            }
        });
        let look = [
            json!({ "call": "close", "on": "f" }),
            open("/work", "d/secret", &["follow"]),
            json!({ "call": "read", "on": "f" }),
        ];
        let steps: Vec<_> = look.iter().cycle().take(3000).cloned().collect();
        let (steps, _) = disk.run(json!(steps));
        over.store(true, Ordering::Relaxed);
        let read: Vec<_> = steps.iter().filter_map(|step| step["ok"].as_str()).collect();
        assert!(!read.is_empty(), "it was never a directory");
        assert!(read.len() < 1000, "it was never a link");
        assert!(read.iter().all(|text| *text == "mine"), "{read:?}");
    });
}

#[test]
fn f_06_every_activation_finds_its_own_directory_empty_and_it_is_removed() {
    let disk = Disk::new();
    let write = json!([
        { "call": "list", "on": "/tmp" },
        open("/tmp", "left", &["create", "write"]),
        { "call": "write", "on": "f", "text": "secret" },
        { "call": "list", "on": "/tmp" },
    ]);
    for _ in 0..2 {
        let (steps, _) = disk.run(write.clone());
        let (empty, left) = (json!({ "ok": [] }), json!({ "ok": ["left"] }));
        assert_eq!(steps, [empty, ok(), json!({ "ok": 6 }), left]);
    }
    assert_removed(&disk);
}

#[test]
fn f_06_an_activation_that_is_ended_leaves_nothing_behind() {
    let disk = Disk::new();
    let mut steps = vec![open("/tmp", "a", &["create", "write"])];
    steps.resize(50_000, json!({ "call": "stream", "on": "f", "bytes": 10_000 }));
    let (outcome, _) = disk.activate(json!(steps), Duration::from_millis(300));
    assert!(matches!(outcome, Err(wow::Error::Action(_))), "{outcome:?}");
    assert_removed(&disk);
}

/// Nothing is left of an activation that has its answer.
fn assert_removed(disk: &Disk) {
    let host = entries(&disk.path("scratch"));
    let [host] = &host[..] else { panic!("{host:?}") };
    assert_eq!(entries(&disk.path("scratch").join(host)), [""; 0]);
}

fn entries(path: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> =
        fs::read_dir(path).unwrap().map(|entry| name(entry).into_string().unwrap()).collect();
    names.sort();
    names
}
