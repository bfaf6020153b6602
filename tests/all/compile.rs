//! `wow compile` and the cache, from outside.

use crate::code;
use serde_json::json;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wow_tests::executor::Executor;
use wow_tests::guests;
use wow_tests::process::{Runtime, init_body, wow};

fn compile(cache: &str, files: &[&str]) -> (i32, String, String) {
    let output = wow().arg("compile").args(files).env("WOW_CACHE", cache).output().unwrap();
    let Output { status, stdout, stderr } = output;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn compiling_ahead_of_time_spares_the_first_call_the_compiler() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let cache = cache.to_str().unwrap();
    let (hello, add) = (guests::path("hello.rust"), guests::path("add.rust"));
    let files = [hello.to_str().unwrap(), add.to_str().unwrap()];
    let (status, stdout, stderr) = compile(cache, &files);
    assert_eq!((status, stderr.as_str()), (0, ""));
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines.len(), 2);
    for (line, file) in lines.iter().zip(files) {
        let rest = line.strip_prefix(&format!("{file}: compiled in ")).expect(line);
        assert!(rest.ends_with(" ms"), "{line}");
    }
    let expected = files.map(|file| format!("{file}: was there already\n")).concat();
    assert_eq!(compile(cache, &files), (0, expected, String::new()));

    // A compiler that cannot run shows that none is needed.
    let mut program = wow();
    program.env("WOW_CACHE", cache).env("WOW_COMPILE", "/bin/false");
    let runtime = Runtime::start_with(&mut program, &[]);
    assert_eq!(runtime.init(&code("hello.rust")), (200, json!({ "ok": true })));
    let greeting = json!({ "greeting": "Hello, Ada!" });
    assert_eq!(runtime.run(&json!({ "name": "Ada" })), (200, greeting));
}

#[test]
fn an_executor_has_authenticated_what_was_compiled_before_it_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let files = ["hello.rust", "add.rust"].map(guests::path);
    let files = files.each_ref().map(|file| file.to_str().unwrap());
    assert_eq!(compile(cache.to_str().unwrap(), &files).0, 0);
    for (most, authenticated) in [("1", 2.0), ("0", 0.0)] {
        let mut program = wow();
        program.env("WOW_CACHE", &cache);
        let executor = Executor::start_as(program, folder.path(), &["--read-ahead", most]);
        executor.wait_for("wow_cache_authenticated", authenticated);
        let hits = || executor.metric("wow_cache_lookups_total{result=\"hit\"}");
        assert_eq!(hits(), 0.0, "nobody has asked");
        let container = executor.named("one");
        container.load(&code("hello.rust"));
        let greeting = json!({ "greeting": "Hello, Ada!" });
        assert_eq!(container.run(&json!({ "name": "Ada" })), (200, greeting));
        assert_eq!(hits(), 1.0);
        executor.wait_for("wow_cache_authenticated", f64::max(authenticated, 1.0));
    }
}

#[test]
fn an_init_whose_code_is_not_ready_in_time_is_told_so_and_the_next_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let mut program = wow();
    program.env("WOW_CACHE", &cache);
    let runtime = Runtime::start_with(&mut program, &["--metrics", "127.0.0.1:0"]);
    // An interpreter of JavaScript: it compiles for a second at least.
    let code = code("hello.javascript");
    let init = |milliseconds: u64| {
        let deadline = SystemTime::now() + Duration::from_millis(milliseconds);
        let deadline = deadline.duration_since(UNIX_EPOCH).unwrap().as_millis().to_string();
        let env = json!({ "__OW_DEADLINE": deadline });
        runtime.post("/init", &init_body(&code, "main", env)).whole()
    };
    let late = "the code is not ready within the time limit of 100 ms: it is still being compiled\n\n\
                hint: invoke the action again, what is compiled is kept";
    assert_eq!(init(100), (502, json!({ "error": late })));
    assert_eq!(init(60_000), (200, json!({ "ok": true })));
    let misses = runtime.metric("wow_cache_lookups_total{result=\"miss\"}");
    assert!((misses - 1.0).abs() < f64::EPSILON, "{misses}: it was compiled once");
}

#[test]
fn what_is_no_action_is_named_and_the_rest_is_compiled() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let text = folder.path().join("text.wasm");
    std::fs::write(&text, "not WebAssembly").unwrap();
    let hello = guests::path("hello.rust");
    let files = [text.to_str().unwrap(), hello.to_str().unwrap()];
    let (status, stdout, stderr) = compile(cache.to_str().unwrap(), &files);
    assert_eq!(status, 1);
    assert!(stdout.starts_with(&format!("{}: compiled in ", hello.display())), "{stdout}");
    let sentence = format!("error: {}: the code is not a component: 15 bytes", text.display());
    assert!(stderr.starts_with(&sentence), "{stderr}");
    assert_eq!(compile("none", &files[1..]).0, 1, "nothing to fill");
}

#[test]
fn output_that_nobody_reads_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let hello = guests::path("hello.rust");
    let script = format!(
        "{} compile {1} {1} {1} | true; exit ${{PIPESTATUS[0]}}",
        wow().get_program().to_str().unwrap(),
        hello.display()
    );
    let mut bash = Command::new("bash");
    let status = bash.args(["-c", &script]).env("WOW_CACHE", cache).output().unwrap();
    assert_eq!((status.status.code(), status.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn a_default_cache_that_cannot_be_used_is_done_without_and_a_named_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let mut program = wow();
    program.env_remove("WOW_CACHE").env("XDG_CACHE_HOME", &file);
    let runtime = Runtime::start_with(&mut program, &[]);
    assert_eq!(runtime.init(&code("hello.rust")), (200, json!({ "ok": true })));
    let (status, _, stderr) = compile(file.to_str().unwrap(), &[]);
    assert_eq!(status, 1, "no file is a mistake of its own: {stderr}");
    let hello = guests::path("hello.rust");
    let (status, stdout, stderr) = compile(file.to_str().unwrap(), &[hello.to_str().unwrap()]);
    assert_eq!((status, stdout.as_str()), (2, ""));
    assert!(stderr.starts_with("error: cannot open the cache "), "{stderr}");
}
