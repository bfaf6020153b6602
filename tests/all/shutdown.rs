//! The process ends as it should, whether it is a runtime or an executor of many.

use crate::code;
use serde_json::json;
use std::net::SocketAddr;
use std::thread;
use std::time::Instant;
use wow_tests::executor::Executor;
use wow_tests::process::{Runtime, init_body};
use wow_tests::{PATIENCE, client, wat};

#[test]
fn s_01_sigterm_lets_activations_end_and_exits_with_0() {
    let mut runtime = Runtime::observed(&[]);
    assert_eq!(runtime.init(&code("sleep.rust")).0, 200);
    let reply = thread::scope(|scope| {
        let run = scope.spawn(|| runtime.run(&json!({ "milliseconds": 800 })));
        wait_for(|| (runtime.metric("wow_slots_taken") == 1.0).then_some(()));
        runtime.terminate();
        runtime.terminate();
        run.join().unwrap()
    });
    assert_eq!(reply, (200, json!({ "slept": 800 })));
    assert_eq!(runtime.wait().code(), Some(0));
    assert_eq!(runtime.log(), (String::new(), String::new()));
}

#[test]
fn s_01_what_does_not_end_is_dropped_after_the_drain_time() {
    let mut runtime = Runtime::observed(&["--drain", "300"]);
    assert_eq!(runtime.init(&code("sleep.rust")).0, 200);
    let body = json!({ "value": { "milliseconds": 60_000 } }).to_string();
    thread::scope(|scope| {
        let run = scope.spawn(|| {
            wow_tests::client::post(runtime.address, "/run", body.as_bytes()).map(|r| r.status)
        });
        wait_for(|| (runtime.metric("wow_slots_taken") == 1.0).then_some(()));
        runtime.terminate();
        assert!(run.join().unwrap().is_err(), "no answer is better than a wrong one");
    });
    assert_eq!(runtime.wait().code(), Some(0));
}

#[test]
fn s_02_sigint_ends_it_as_sigterm_does_and_again_is_no_more() {
    let mut runtime = Runtime::start();
    assert_eq!(runtime.init(&code("hello.rust")).0, 200);
    for signal in ["-INT", "-INT", "-TERM"] {
        runtime.signal(signal);
    }
    assert_eq!(runtime.wait().code(), Some(0));
}

#[test]
fn s_02_an_executor_hears_sigint_as_sigterm_and_again_is_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut executor = Executor::start(folder.path());
    executor.named("one").load(&code("hello.rust"));
    for signal in ["-INT", "-INT", "-TERM"] {
        executor.signal(signal);
    }
    assert_eq!(executor.wait().code(), Some(0));
    assert!(!executor.socket().exists());
}

#[test]
fn s_02_a_host_that_is_killed_leaves_no_compiler_behind() {
    let mut runtime = Runtime::start_with(&mut wow_tests::process::wow(), &["--cache", "none"]);
    killed_while_it_compiles(runtime.id(), runtime.address, || runtime.signal("-KILL"));
    assert_eq!(runtime.wait().code(), None, "a signal ended it");
}

#[test]
fn s_02_an_executor_that_is_killed_leaves_no_compiler_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut executor = Executor::start_with(folder.path(), &["--cache", "none"]);
    let address = executor.named("one").address;
    killed_while_it_compiles(executor.id(), address, || executor.signal("-KILL"));
    assert_eq!(executor.wait().code(), None, "a signal ended it");
}

/// Kills a host that compiles for an `/init`: its compiler ends too.
fn killed_while_it_compiles(host: u32, address: SocketAddr, kill: impl FnOnce()) {
    // Takes some seconds to compile.
    let code = base64_simd::STANDARD.encode_to_string(wat::large(24_500));
    let body = init_body(&code, "main", json!({})).to_string();
    thread::scope(|scope| {
        let init = scope.spawn(|| client::post(address, "/init", body.as_bytes()));
        let compiler = wait_for(|| children(host).first().copied());
        kill();
        assert!(init.join().unwrap().is_err(), "no answer is better than a wrong one");
        let gone = || (!std::path::Path::new(&format!("/proc/{compiler}")).exists()).then_some(());
        wait_for(gone);
    });
}

/// The compilers that a process has started.
fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_child = |id: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // `123 (name) S 45 …`: the parent is second after the name, which may hold anything.
        let parent_of = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1));
        stat.contains("(wow-compile)") && parent_of == Some(&parent.to_string())
    };
    ids.filter(is_child).collect()
}

/// What comes in time.
fn wait_for<T>(found: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "it did not happen");
        thread::yield_now();
    }
}
