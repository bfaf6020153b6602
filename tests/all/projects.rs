//! What `wow new` writes builds and answers as it is, in every language whose toolchain is here.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use std::{env, fs};
use wow_tests::dev::Dev;
use wow_tests::guests::repository;
use wow_tests::process::wow;

/// What the templates answer.
const ANSWER: &str = "{\"greeting\":\"Hello, Ada!\"}\n";

/// The bar of the first answer, with nothing built before.
const FIRST_ANSWER: Duration = Duration::from_secs(60);

/// What of the environment is an outer cargo's, and what of that is about the network.
const OUTER: [&str; 3] = ["CARGO", "RUSTC", "RUSTFLAGS"];
const KEPT: [&str; 5] =
    ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTRIES_", "CARGO_REGISTRY_"];

/// A command in a folder, with only what a user has in the environment: what an outer cargo put
/// there is for another target.
fn clean(mut command: Command, folder: &Path) -> Command {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let is_any = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
        if is_any(&OUTER) && !is_any(&KEPT) {
            command.env_remove(&name);
        }
    }
    // What the SDK's own tests fetched is there.
    command.env("npm_config_prefer_offline", "true").current_dir(folder);
    command
}

fn run(mut command: Command, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// A new project for a test. Its folder is the same each time: toolchains find what they have built.
fn new(test: &str, language: &str) -> PathBuf {
    let above = repository().join("target/projects").join(test);
    if above.exists() {
        fs::remove_dir_all(&above).unwrap();
    }
    fs::create_dir_all(&above).unwrap();
    let (status, _, stderr) = run(clean(wow(), &above), &["new", "demo", "--lang", language]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    above.join("demo")
}

/// Builds a project and runs it.
fn answers(folder: &Path, configure: impl FnOnce(&mut Command)) {
    let mut build = clean(wow(), folder);
    configure(&mut build);
    let (status, stdout, stderr) = run(build, &["build"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stdout.starts_with("build/demo.zip: JSON action, "), "{stdout}");
    let (status, stdout, stderr) = run(clean(wow(), folder), &["run", "-p", "name", "Ada"]);
    assert_eq!((status, stdout.as_str()), (0, ANSWER), "{stderr}");
    // Before it, that an interpreter is compiled.
    assert!(stderr.contains("greeting Ada\nbill: "), "{stderr}");
}

/// Whether a program is here; says so if not.
#[expect(clippy::print_stderr, reason = "who reads the tests' output sees what was not tested")]
fn is_here(test: &str, program: &str, arguments: &[&str]) -> bool {
    let is_here = Command::new(program).args(arguments).output();
    let is_here = is_here.is_ok_and(|output| output.status.success());
    if !is_here {
        eprintln!("skipped {test}: no `{program} {}` here", arguments.join(" "));
    }
    is_here
}

#[test]
fn a_new_project_answers_within_a_minute_without_any_toolchain() {
    let start = Instant::now();
    let folder = new("first-answer", "assemblyscript");
    // Nothing is on the path: no Node.js, no shell.
    let cache = tempfile::tempdir().unwrap();
    let alone = || {
        let mut wow = clean(wow(), &folder);
        wow.env("PATH", "/nonexistent").env("WOW_CACHE", cache.path().join("wow"));
        wow
    };
    let dev = Dev::start(&mut alone());
    let (address, said) = dev.served();
    let reply = Dev::post(address, "{\"name\":\"Ada\"}");
    let elapsed = start.elapsed();
    assert_eq!(format!("{}\n", reply.json()), ANSWER);
    assert!(elapsed < FIRST_ANSWER, "{elapsed:?}");
    assert!(said.starts_with("wow: compiling it for this machine\n"), "nothing is built: {said}");
    assert!(dev.said("bill: ").starts_with("greeting Ada\nbill: "));
    let (status, stdout, _) = run(alone(), &["run", "-p", "name", "Ada"]);
    assert_eq!((status, stdout.as_str()), (0, ANSWER));
}

#[test]
fn a_project_in_assemblyscript_builds_to_what_came_with_it() {
    if !is_here("a project in AssemblyScript", "npm", &["--version"]) {
        return;
    }
    let folder = new("assemblyscript", "assemblyscript");
    let package = folder.join("build/demo.zip");
    let prebuilt = fs::read(&package).unwrap();
    answers(&folder, |_| {});
    assert!(
        fs::read(&package).unwrap() == prebuilt,
        "the component in wow is of other sources: run `cargo xtask prebuilt`"
    );
}

#[test]
fn a_project_in_rust_builds_and_answers() {
    let folder = new("rust", "rust");
    // What cargo has built of the same crates for the guests.
    let root = repository();
    std::os::unix::fs::symlink(root.join("target/guests-build"), folder.join("target")).unwrap();
    let ours = root.join("target/wasm-sysroot/bin/rustc");
    answers(&folder, |build| {
        // As `cargo xtask guests`: where rustup has no standard library for the target.
        if !has_target("rustc") && ours.is_file() {
            build.env("RUSTC", ours);
        }
    });
}

fn has_target(rustc: &str) -> bool {
    let arguments = ["--print", "target-libdir", "--target", "wasm32-wasip2"];
    let output = clean(Command::new(rustc), Path::new("/")).args(arguments).output();
    output.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

#[test]
fn a_project_in_javascript_builds_and_answers() {
    if is_here("a project in JavaScript", "npm", &["--version"]) {
        let folder = new("javascript", "javascript");
        answers(&folder, |_| {});
    }
}

#[test]
fn a_project_in_python_builds_and_answers() {
    if is_here("a project in Python", "python3", &["-c", "import venv, ensurepip"]) {
        let folder = new("python", "python");
        answers(&folder, |_| {});
    }
}
