//! Files of a guest that knows nothing but its standard library, in a whole host:
//! what `wow.toml` asks for and the policy allows, and what is left afterwards.

mod calls;

use crate::egress::zipped;
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use wow_tests::process::{Runtime, init_body, wow};

/// A folder with a volume `assets` that is read, one `work` that is written, and a policy.
fn operators() -> TempDir {
    allowing("tmp = { bytes = 1000, entries = 10 }")
}

/// The same with another private folder.
fn allowing(tmp: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [("assets/logo", "a logo"), ("work/old", "old"), ("secret", "s")] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let root = folder.path().display();
    let policy = format!(
        "version = 1\nscratch = \"{root}/scratch\"\n\
         [[grant]]\nactions = [\"/acme/*\"]\nfiles = {{ assets = \"read-only\", work = \"read-write\" }}\n\
         {tmp}\n\
         [volumes.assets]\npath = \"{root}/assets\"\nmode = \"read-only\"\n\
         [volumes.work]\npath = \"{root}/work\"\nmode = \"read-write\"\n"
    );
    fs::write(folder.path().join("policy.toml"), policy).unwrap();
    folder
}

fn started(folder: &Path, ask: &str) -> (Runtime, (u16, Value)) {
    serving(folder, ask, "files.rust")
}

fn serving(folder: &Path, ask: &str, guest: &str) -> (Runtime, (u16, Value)) {
    serving_code(folder, ask, &wow_tests::guests::read(guest))
}

fn serving_code(folder: &Path, ask: &str, code: &[u8]) -> (Runtime, (u16, Value)) {
    let policy = folder.join("policy.toml");
    let runtime = Runtime::start_with(&mut wow(), &["--policy", policy.to_str().unwrap()]);
    let manifest = format!("version = 1\n[capabilities]\n{ask}");
    let package = zipped(code, &manifest);
    let env = json!({ "__OW_ACTION_NAME": "/acme/files", "__OW_NAMESPACE": "acme" });
    let init = init_body(&STANDARD.encode_to_string(package), "main", env);
    let reply = runtime.post("/init", &init).whole();
    (runtime, reply)
}

fn denied(operation: &str, path: &str, answer: &Value) {
    let error = &answer["error"];
    assert_eq!(
        (error["operation"].as_str(), error["path"].as_str()),
        (Some(operation), Some(path))
    );
}

const ALL: &str = "files = { assets = \"read-only\", work = \"read-write\" }\ntmp = true";

#[test]
fn an_action_reaches_the_folders_that_it_asked_for_and_no_other() {
    let folder = operators();
    let (runtime, init) = started(folder.path(), ALL);
    assert_eq!(init, (200, json!({ "ok": true })));
    let run = |parameters| {
        let reply = runtime.run(&parameters);
        (reply, runtime.log().1)
    };
    let silent = String::new();
    let read = run(json!({ "read": "/assets/logo", "list": "/assets" }));
    assert_eq!(read, ((200, json!({ "text": "a logo", "entries": ["logo"] })), silent.clone()));
    let wrote = run(json!({ "write": "/work/new", "text": "new", "list": "/work" }));
    assert_eq!(wrote, ((200, json!({ "written": 3, "entries": ["new", "old"] })), silent));
    assert_eq!(fs::read_to_string(folder.path().join("work/new")).unwrap(), "new");

    let ((status, answer), log) = run(json!({ "write": "/assets/logo", "text": "x" }));
    assert_eq!(status, 200);
    denied("write", "/assets/logo", &answer);
    assert_eq!(log, "write /assets/logo denied: the volume is read-only\n");
    assert_eq!(fs::read_to_string(folder.path().join("assets/logo")).unwrap(), "a logo");
    for path in ["/work/../secret", "/secret", "/etc/passwd", "/scratch", "/assets/../../secret"] {
        let ((status, answer), _) = run(json!({ "read": path }));
        assert_eq!(status, 200);
        denied("read", path, &answer);
    }
}

#[test]
fn g_18_no_more_directories_are_read_at_once_than_the_host_has_memory_for() {
    let folder = operators();
    let code = wow_tests::hostile::guest("g-18-listings");
    let (runtime, init) = serving_code(folder.path(), ALL, &code);
    assert_eq!(init, (200, json!({ "ok": true })));
    assert_eq!(runtime.run(&json!({})), (200, json!({})));
    let denied =
        "read /assets denied: 16 directories are read at once already, the most there may be\n";
    assert_eq!(runtime.log().1, denied);
}

#[test]
fn f_06_a_private_folder_is_empty_bounded_and_gone_afterwards() {
    let folder = operators();
    let (runtime, init) = started(folder.path(), ALL);
    assert_eq!(init.0, 200);
    for _ in 0..3 {
        let wrote = runtime.run(&json!({ "write": "/tmp/mine", "text": "m", "list": "/tmp" }));
        assert_eq!(wrote, (200, json!({ "written": 1, "entries": ["mine"] })));
        runtime.log();
    }
    let (_, answer) = runtime.run(&json!({ "write": "/tmp/big", "text": "x".repeat(1001) }));
    denied("write", "/tmp/big", &answer);
    let full = "`/tmp` is full: it would hold 1001 bytes, its quota is 1000 bytes";
    assert_eq!(runtime.log().1, format!("write /tmp/big denied: {full}\n"));
    let scratch = folder.path().join("scratch");
    let host = fs::read_dir(&scratch).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read_dir(&host).unwrap().count(), 0);
    // Killed, a host leaves its folder; the next one removes it.
    runtime.signal("-KILL");
    drop(runtime);
    assert!(host.exists());
    let (_next, init) = started(folder.path(), ALL);
    assert_eq!(init.0, 200);
    assert!(!host.exists());
}

fn step(call: &str, on: &str, path: impl Into<String>) -> Value {
    json!({ "call": call, "on": on, "path": path.into() })
}

fn create(path: impl Into<String>) -> Value {
    json!({ "call": "open", "on": "/tmp", "path": path.into(), "with": ["create", "write"] })
}

/// Folders, each in the one before.
fn depth(most: usize) -> Vec<Value> {
    let mut steps = vec![step("make-directory", "/tmp", "d")];
    let mut above = "/tmp".to_owned();
    for level in 0..most {
        let here = format!("at {level}");
        let mut open = step("open", &above, "d");
        open["with"] = json!(["directory"]);
        open["as"] = json!(here);
        steps.extend([open, step("make-directory", &here, "d")]);
        if above != "/tmp" {
            steps.push(json!({ "call": "close", "on": above }));
        }
        above = here;
    }
    steps
}

#[test]
fn g_19_who_fills_its_folder_is_told_so_and_takes_nothing_of_the_hosts() {
    let folder = allowing("tmp = { bytes = 10000, entries = 2000 }");
    let (runtime, init) = serving(folder.path(), "tmp = true", "paths.rust");
    assert_eq!(init, (200, json!({ "ok": true })));
    let attempt = |steps| attempt(&runtime, steps);
    let (ok, full) = (json!({ "ok": null }), json!({ "error": "insufficient-space" }));
    let says = |what: &str| format!("denied: `/tmp` is full: it {what}, its quota");

    let fill = |bytes: u64| json!({ "call": "append", "on": "a", "bytes": bytes });
    let (steps, log) = attempt(vec![create("a"), fill(10_000), fill(1)]);
    assert_eq!(steps, [ok.clone(), ok.clone(), full.clone()]);
    assert_eq!(log, format!("write /tmp/a {} is 10000 bytes\n", says("would hold 10001 bytes")));

    let sparse = json!({ "call": "resize", "on": "a", "size": 1u64 << 60 });
    let behind = json!({ "call": "write", "on": "a", "text": "x", "offset": 1u64 << 60 });
    let (steps, _) = attempt(vec![create("a"), sparse, behind]);
    assert_eq!(steps, [ok.clone(), full.clone(), full.clone()]);

    let files = |name: usize| {
        [create(name.to_string()), json!({ "call": "close", "on": name.to_string() })]
    };
    let (steps, log) = attempt((0..3000).flat_map(files).collect());
    assert_eq!(steps.iter().filter(|step| **step == full).count(), 1000);
    let said = says("holds 2000 files, directories and links");
    assert!(log.starts_with(&format!("write /tmp/2000 {said}\n")), "{log}");
    assert!(log.lines().count() <= 21, "{log}");
    nothing_is_left(&runtime, folder.path());
}

/// Deeper than a path may be long, and than one that removes it may recurse.
#[test]
fn g_19_a_tree_of_ten_thousand_levels_is_made_and_removed() {
    let folder = allowing("tmp = { bytes = 10000, entries = 12000 }");
    let (runtime, init) = serving(folder.path(), "tmp = true", "paths.rust");
    assert_eq!(init, (200, json!({ "ok": true })));
    let (steps, log) = attempt(&runtime, depth(10_000));
    assert_eq!(steps.iter().find(|step| **step != json!({ "ok": null })), None);
    assert_eq!(log, "");
    nothing_is_left(&runtime, folder.path());
}

/// What became of each step, and what the log says.
fn attempt(runtime: &Runtime, steps: Vec<Value>) -> (Vec<Value>, String) {
    let (status, answer) = runtime.run(&json!({ "steps": steps }));
    assert_eq!(status, 200, "{answer}");
    (answer["steps"].as_array().unwrap().clone(), runtime.log().1)
}

/// Not for the next one, nor for the host.
fn nothing_is_left(runtime: &Runtime, folder: &Path) {
    let (steps, _) = attempt(runtime, vec![json!({ "call": "list", "on": "/tmp" })]);
    assert_eq!(steps, [json!({ "ok": [] })]);
    let host = fs::read_dir(folder.join("scratch")).unwrap().next().unwrap().unwrap();
    assert_eq!(fs::read_dir(host.path()).unwrap().count(), 0);
}

#[test]
fn what_was_not_asked_for_is_not_there() {
    let folder = operators();
    let (runtime, init) = started(folder.path(), "files = { assets = \"read-only\" }");
    assert_eq!(init.0, 200);
    for (operation, path) in [("read", "/work/old"), ("list", "/tmp"), ("list", "/")] {
        let (_, answer) = runtime.run(&json!({ operation: path }));
        denied(operation, path, &answer);
    }
}

#[test]
fn f_07_more_than_the_operator_allows_does_not_load() {
    let folder = operators();
    let (_, (status, answer)) = started(folder.path(), "files = { assets = \"read-write\" }");
    assert_eq!(status, 502);
    let words = answer["error"].as_str().unwrap();
    let start = "`files = { assets = \"read-write\" }` in wow.toml is more than the operator's \
                 policy allows /acme/files: ";
    assert!(words.starts_with(start), "{words}");
}
