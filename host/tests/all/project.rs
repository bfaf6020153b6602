//! Projects: what `wow new`, `wow build` and `wow dev` do with a folder. No toolchain is needed here:
//! what a project's command builds was assembled in place.

use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;
use wow_tests::dev::Dev;
use wow_tests::{process, wat};

/// Answers `{"version":"one"}`.
fn version(name: &str) -> Vec<u8> {
    wat::action(&wat::constant(&format!("{{\"version\":\"{name}\"}}")))
}

/// A project whose build copies `source.wasm`.
fn project(source: &[u8]) -> TempDir {
    with(
        "command = \"cp source.wasm build/action.wasm\"\ncomponent = \"build/action.wasm\"",
        source,
    )
}

fn with(build: &str, source: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("source.wasm"), source).unwrap();
    fs::write(folder.path().join("wow.toml"), format!("version = 1\n[build]\n{build}\n")).unwrap();
    folder
}

fn wow(folder: &Path) -> Command {
    let mut wow = process::wow();
    for variable in ["WOW_COMPILE", "WOW_LISTEN", "WOW_POLICY"] {
        wow.env_remove(variable);
    }
    wow.current_dir(folder).env("WOW_CACHE", "none");
    wow
}

/// Status, stdout, stderr.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = wow(folder).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// What a command says that fails, without what differs from run to run.
fn refusal(folder: &TempDir, arguments: &[&str]) -> String {
    let (status, stdout, stderr) = run(folder.path(), arguments);
    assert_eq!((status, stdout.as_str()), (1, ""), "{stderr}");
    stderr.replace(&folder.path().canonicalize().unwrap().display().to_string(), "FOLDER")
}

fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("done in ") {
        Some((start, _)) => format!("{start}done in TIME\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn help_says_what_a_command_does_and_how_it_ends() {
    for command in ["new", "build", "dev"] {
        let folder = tempfile::tempdir().unwrap();
        let (status, stdout, stderr) = run(folder.path(), &[command, "--help"]);
        assert_eq!((status, stderr.as_str()), (0, ""));
        insta::assert_snapshot!(format!("help_of_{command}"), stdout);
    }
}

#[test]
fn a_new_project_says_what_to_type_next() {
    for language in ["assemblyscript", "javascript", "python", "rust"] {
        let folder = tempfile::tempdir().unwrap();
        let (status, stdout, stderr) = run(folder.path(), &["new", "demo", "--lang", language]);
        assert_eq!((status, stderr.as_str()), (0, ""));
        insta::assert_snapshot!(format!("new_in_{language}"), stdout);
        let text = fs::read_to_string(folder.path().join("demo/wow.toml")).unwrap();
        assert!(text.contains("package = \"build/demo.zip\"\n"), "{text}");
    }
}

#[test]
fn a_project_is_begun_only_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(run(folder.path(), &["new", "empty"]).0, 0);
    fs::write(folder.path().join("file"), "").unwrap();
    let refusals = ["empty", "file", "Demo"].map(|name| refusal(&folder, &["new", name]));
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn a_build_packs_what_the_command_made_and_run_finds_it() {
    let folder = project(&version("one"));
    let (status, stdout, stderr) = run(folder.path(), &["build"]);
    let size = version("one").len();
    assert_eq!((status, stdout), (0, format!("build/action.zip: JSON action, {size} bytes\n")));
    let said = "wow: cp source.wasm build/action.wasm\nwow: done in TIME\n";
    assert_eq!(without_times(&stderr), said);
    let below = folder.path().join("build");
    let (status, stdout, stderr) = run(&below, &["run"]);
    assert_eq!((status, stdout.as_str()), (0, "{\"version\":\"one\"}\n"), "{stderr}");
    assert!(stderr.starts_with("bill: "), "{stderr}");
    // The same sources are the same package.
    let package = fs::read(below.join("action.zip")).unwrap();
    assert_eq!(run(folder.path(), &["build"]).0, 0);
    assert_eq!(fs::read(below.join("action.zip")).unwrap(), package);
}

#[test]
fn setup_is_done_once() {
    let setup = "setup = { command = \"echo once >> setup.log; touch made\", makes = \"made\" }\n\
                 command = \"echo each >> setup.log; cp source.wasm a.wasm\"\ncomponent = \"a.wasm\"";
    let folder = with(setup, &version("one"));
    for _ in 0..2 {
        let (status, _, stderr) = run(folder.path(), &["build"]);
        assert_eq!(status, 0, "{stderr}");
    }
    let log = fs::read_to_string(folder.path().join("setup.log")).unwrap();
    assert_eq!(log, "once\neach\neach\n");
}

#[test]
fn a_program_of_wasi_0_1_becomes_a_component() {
    let program = wat::assemble(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write"
            (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 8) "\10\00\00\00\0c\00\00\00{\22ok\22:true}\0a")
          (func (export "_start")
            (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))"#,
    );
    let folder = project(&program);
    let (status, stdout, stderr) = run(folder.path(), &["build"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stdout.starts_with("build/action.zip: program, "), "{stdout}");
    let (status, stdout, stderr) = run(folder.path(), &["run"]);
    assert_eq!((status, stdout.as_str()), (0, "{\"ok\":true}\n"), "{stderr}");
}

#[test]
fn what_is_wrong_with_a_build_is_said_with_a_remedy() {
    let core = wat::assemble("(module (func (export \"main\")))");
    let typed = wat::typed("", "", "");
    let copy = "command = \"cp source.wasm a.wasm\"\ncomponent = \"a.wasm\"";
    let cases = [
        ("a command that fails", with("command = \"exit 3\"\ncomponent = \"a.wasm\"", b"")),
        (
            "one that is not installed",
            with("command = \"no-such-tool\"\ncomponent = \"a.wasm\"", b""),
        ),
        ("one that makes nothing", with("command = \"true\"\ncomponent = \"a.wasm\"", b"")),
        ("a core module", with(copy, &core)),
        ("no action", with(copy, &typed)),
        ("no WebAssembly", with(copy, b"hello")),
        ("a key that is unknown", with("comand = \"true\"", b"")),
    ];
    let mut text = String::new();
    for (name, folder) in cases {
        let refusal = without_times(&refusal(&folder, &["build"]));
        assert!(!folder.path().join("build/action.zip").exists(), "{name}");
        // The shell's own words are its own.
        let refusal: Vec<_> = refusal.lines().filter(|line| !line.contains("sh: ")).collect();
        text += &format!("-- {name}\n{}\n\n", refusal.join("\n"));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_no_project_is_told_what_one_is() {
    let nothing = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("wow.toml"), "version = 1").unwrap();
    let fresh = project(&version("one"));
    let refusals = [
        refusal(&nothing, &["build"]),
        refusal(&nothing, &["run"]),
        refusal(&nothing, &["dev"]),
        refusal(&other, &["build"]),
        refusal(&fresh, &["run"]),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn dev_serves_what_the_sources_are() {
    let folder = project(&version("one"));
    let source = folder.path().join("source.wasm");
    let dev = Dev::start(&mut wow(folder.path()));
    let (address, said) = dev.served();
    assert!(said.contains("wow: cp source.wasm build/action.wasm\n"), "{said}");
    assert_eq!(Dev::post(address, "").whole(), (200, json!({ "version": "one" })));
    assert!(dev.said("bill: ").starts_with("bill: cpu "), "each activation is billed");

    fs::write(&source, version("two")).unwrap();
    let (again, said) = dev.served();
    assert!(said.starts_with("wow: source.wasm has changed\n"), "{said}");
    assert_eq!(again, address);
    assert_eq!(Dev::post(address, "{}").whole(), (200, json!({ "version": "two" })));
    dev.said("bill: ");

    fs::write(&source, "no longer WebAssembly").unwrap();
    let said = dev.said("the version before goes on serving");
    assert!(said.contains("error: build/action.wasm: the code is not a component: "), "{said}");
    assert_eq!(Dev::post(address, "{}").whole(), (200, json!({ "version": "two" })));
    dev.said("bill: ");

    // A folder that is new is a source, too.
    fs::create_dir(folder.path().join("more")).unwrap();
    fs::write(&source, version("three")).unwrap();
    dev.served();
    fs::write(folder.path().join("more/file"), "").unwrap();
    assert!(dev.served().1.contains("wow: more/file has changed\n"));
    assert_eq!(Dev::post(address, "{}").whole(), (200, json!({ "version": "three" })));
    dev.said("bill: ");
    assert_eq!(dev.interrupt().code(), Some(0));
}

#[test]
fn dev_answers_people_and_openwhisk() {
    let echo = "(call $ok (local.get $p) (local.get $l))";
    let folder = project(&wat::action(echo));
    let dev = Dev::start(&mut wow(folder.path()));
    let (address, _) = dev.served();
    let post =
        |path, body: &str| wow_tests::client::post(address, path, body.as_bytes()).unwrap().whole();
    assert_eq!(post("/", "{\"name\":\"Ada\"}"), (200, json!({ "name": "Ada" })));
    assert_eq!(post("/run", "{\"value\":{\"n\":1}}"), (200, json!({ "n": 1 })));
    let (status, error) = post("/", "name=Ada");
    assert_eq!(status, 400);
    let sentence = error["error"].as_str().unwrap();
    assert!(sentence.starts_with("the body is not readable as JSON: "), "{sentence}");
    let (status, error) = post("/init", "{\"value\":{\"code\":\"AAAA\"}}");
    let sentence = "Cannot initialize the action more than once.";
    assert_eq!((status, error), (403, json!({ "error": sentence })));
    let sentence = "there is only POST / with the action's parameters, POST /init and POST /run";
    assert_eq!(post("/hello", ""), (404, json!({ "error": sentence })));
}

#[test]
fn dev_serves_nothing_until_there_is_something() {
    let folder = project(b"");
    let source = folder.path().join("source.wasm");
    let wrong = fs::read_to_string(folder.path().join("wow.toml")).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let (status, _, stderr) = run(folder.path(), &["dev", "--listen", &taken]);
    assert_eq!(status, 2);
    assert!(stderr.starts_with(&format!("error: cannot listen on {taken}: Address ")), "{stderr}");
    assert!(stderr.ends_with("\n\nhint: choose another with --listen\n"), "{stderr}");

    let dev = Dev::start(&mut wow(folder.path()));
    dev.said("nothing is served until it is built");
    // Its `wow.toml` is a source, and may be wrong for a while.
    fs::write(folder.path().join("wow.toml"), "version = 2").unwrap();
    let said = dev.said("nothing is served until it is built");
    assert!(
        said.contains("error: wow.toml is of version 2, this host reads version 1\n"),
        "{said}"
    );
    fs::write(&source, version("one")).unwrap();
    dev.said("nothing is served until it is built");
    fs::write(folder.path().join("wow.toml"), wrong).unwrap();
    let (address, _) = dev.served();
    assert_eq!(Dev::post(address, "").whole(), (200, json!({ "version": "one" })));
    assert_eq!(dev.interrupt().code(), Some(0));
}
