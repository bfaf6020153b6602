//! The executor ends, one way or another, and begins again.

use super::{Executor, ada, gone, hello, loaded, start};
use crate::{code, error};
use serde_json::json;
use std::fs;
use std::os::unix::net::UnixStream;
use std::thread;
use wow_tests::client;

#[test]
fn k_01_a_killed_executor_starts_again_in_the_same_folder() {
    let (folder, mut executor) = start();
    let before = loaded(&executor, "one", "hello.rust");
    executor.named("two");
    // What is not ours is left alone, whatever it is.
    let dockers = executor.containers().join("ab".repeat(32));
    fs::create_dir(&dockers).unwrap();
    executor.signal("-KILL");
    executor.wait();
    assert!(UnixStream::connect(executor.socket()).is_err());
    assert!(executor.containers().join(&before.id).exists());
    let executor = Executor::start(folder.path());
    assert!(!executor.containers().join(&before.id).exists(), "swept");
    assert!(dockers.exists());
    assert_eq!(executor.control("GET", "/containers").1, json!({ "containers": [] }));
    let after = loaded(&executor, "one", "hello.rust");
    assert_ne!(before.address.ip(), after.address.ip());
    assert_eq!(after.run(&ada()), hello());
    let mut stale = before;
    stale.address.set_port(after.address.port());
    assert_eq!(stale.run(&ada()), gone());
    assert_eq!(stale.init(&code("hello.rust")).0, 404);
}

#[test]
fn k_01_a_killed_executor_gives_no_answer_that_could_be_taken_for_one() {
    let (_folder, mut executor) = start();
    let container = loaded(&executor, "one", "sleep.rust");
    let body = json!({ "value": { "milliseconds": 60_000 } }).to_string();
    thread::scope(|scope| {
        let run = scope
            .spawn(|| client::post(container.address, "/run", body.as_bytes()).map(|r| r.status));
        executor.wait_for("wow_slots_taken", 1.0);
        executor.signal("-KILL");
        assert!(run.join().unwrap().is_err());
    });
    assert_eq!(executor.wait().code(), None);
}

#[test]
fn a_second_executor_in_the_same_folder_is_refused_in_words() {
    let (folder, executor) = start();
    executor.named("one");
    let (status, said) = Executor::refused(folder.path(), &[]);
    assert_eq!(status, Some(2));
    assert!(said.contains("error: another executor has its containers in "), "{said}");
    let elsewhere = folder.path().join("elsewhere");
    let (status, said) =
        Executor::refused(folder.path(), &["--containers", elsewhere.to_str().unwrap()]);
    assert_eq!(status, Some(2));
    assert!(said.contains("error: another executor listens on "), "{said}");
    assert_eq!(executor.inspect("one")["state"], "created");
}

#[test]
fn a_range_that_is_not_this_machines_is_refused_with_the_command_that_helps() {
    let folder = tempfile::tempdir().unwrap();
    let (status, said) = Executor::refused(folder.path(), &["--range", "192.0.2.0/24"]);
    assert_eq!(status, Some(2));
    assert!(said.contains("hint: `ip route add local 192.0.2.0/24 dev lo`"), "{said}");
}

#[test]
fn s_01_sigterm_lets_activations_end_takes_no_more_and_leaves_no_socket() {
    let (_folder, mut executor) = start();
    let container = loaded(&executor, "one", "sleep.rust");
    let published = executor.create(&json!({ "name": "published", "publish": true }));
    thread::scope(|scope| {
        let run = scope.spawn(|| container.run(&json!({ "milliseconds": 2500 })));
        executor.wait_for("wow_slots_taken", 1.0);
        executor.signal("-TERM");
        while executor.control("GET", "/health").1["state"] != "draining" {
            thread::yield_now();
        }
        while client::send(published.address, b"").is_ok() {
            thread::yield_now();
        }
        let ending = error("the executor is shutting down");
        assert_eq!(executor.try_create(&json!({ "name": "two" })), (503, ending));
        assert_eq!(run.join().unwrap(), (200, json!({ "slept": 2500 })));
    });
    assert_eq!(executor.wait().code(), Some(0));
    assert!(!executor.socket().exists());
    let log = executor.containers().join(&container.id).join(container.id.clone() + "-json.log");
    assert!(
        fs::read_to_string(log).unwrap().contains(wow_tests::SENTINEL),
        "the last log is there"
    );
}
