//! The kernel's walls around what serves, seen from outside.

use crate::code;
use std::fs;
use wow_tests::executor::Executor;
use wow_tests::process::{Runtime, wow};

/// What `proc(5)` says of each thread of a process: no new privileges, and its filter
/// of system calls.
fn walls(id: u32) -> Vec<(String, String)> {
    let tasks = fs::read_dir(format!("/proc/{id}/task")).unwrap();
    let field = |status: &str, name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a field");
        line.trim().to_owned()
    };
    let walls = tasks.map(|task| {
        let status = fs::read_to_string(task.unwrap().path().join("status")).unwrap();
        (field(&status, "NoNewPrivs:"), field(&status, "Seccomp:"))
    });
    walls.collect()
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
        let walls = walls(id);
        assert!(walls.len() > 1, "{walls:?}");
        assert_eq!(walls, vec![words("1", "2"); walls.len()]);
    }
}

#[test]
fn an_operator_can_do_without_and_is_told() {
    let runtime = Runtime::start_with(&mut wow(), &["--confine=false"]);
    // It has the walls of who started it.
    let [own, ..] = &walls(std::process::id())[..] else { panic!("no thread") };
    let walls = walls(runtime.id());
    assert_eq!(walls, vec![own.clone(); walls.len()]);
    let words = "the process is not confined: it may reach what its user may";
    assert!(runtime.start.contains(words), "{}", runtime.start);
}
