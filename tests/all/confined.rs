//! The kernel's walls around what serves, seen from outside.

use crate::code;
use std::fs;
use wow_tests::executor::Executor;
use wow_tests::process::{Runtime, wow};

/// What `proc(5)` says of a process or one of its threads: no new privileges, and its
/// filter of system calls.
fn walls(status: &str) -> (String, String) {
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a field");
        line.trim().to_owned()
    };
    (field("NoNewPrivs:"), field("Seccomp:"))
}

/// Those of each thread. One that ends while they are read has none.
fn walls_of_threads(id: u32) -> Vec<(String, String)> {
    let threads = fs::read_dir(format!("/proc/{id}/task")).unwrap();
    let statuses =
        threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("status")).ok());
    statuses.map(|status| walls(&status)).collect()
}

fn words(no_new_privileges: &str, seccomp: &str) -> (String, String) {
    (no_new_privileges.to_owned(), seccomp.to_owned())
}

#[test]
fn every_thread_of_a_runtime_and_of_an_executor_is_confined() {
    let runtime = Runtime::start();
    // With the threads that an action brings.
    assert_eq!(runtime.init(&code("hello.rust")).0, 200);
    let folder = tempfile::tempdir().unwrap();
    let executor = Executor::start(folder.path());
    for id in [runtime.id(), executor.id()] {
        let walls = walls_of_threads(id);
        assert!(walls.len() > 1, "{walls:?}");
        assert_eq!(walls, vec![words("1", "2"); walls.len()]);
    }
}

#[test]
fn an_operator_can_do_without_and_is_told() {
    let runtime = Runtime::start_with(&mut wow(), &["--confine=false"]);
    // It has the walls of who started it.
    let own = walls(&fs::read_to_string("/proc/self/status").unwrap());
    let walls = walls_of_threads(runtime.id());
    assert!(walls.len() > 1, "{walls:?}");
    assert_eq!(walls, vec![own; walls.len()]);
    let words = "the process is not confined: it may reach what its user may";
    assert!(runtime.start.contains(words), "{}", runtime.start);
}
