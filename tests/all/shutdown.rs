//! The process ends as it should.

use crate::code;
use serde_json::json;
use std::thread;
use std::time::Duration;
use wow_tests::process::Runtime;

#[test]
fn s_01_sigterm_lets_activations_end_and_exits_with_0() {
    let mut runtime = Runtime::start();
    assert_eq!(runtime.init(&code("sleep.rust")).0, 200);
    let reply = thread::scope(|scope| {
        let run = scope.spawn(|| runtime.run(&json!({ "milliseconds": 800 })));
        // Not a wait for something: the activation has to be in its sleep, and no one can see it.
        thread::sleep(Duration::from_millis(300));
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
    let mut runtime = Runtime::start_with(&mut wow_tests::process::wow(), &["--drain", "300"]);
    assert_eq!(runtime.init(&code("sleep.rust")).0, 200);
    let body = json!({ "value": { "milliseconds": 60_000 } }).to_string();
    thread::scope(|scope| {
        let run = scope.spawn(|| {
            wow_tests::client::post(runtime.address, "/run", body.as_bytes()).map(|r| r.status)
        });
        thread::sleep(Duration::from_millis(300));
        runtime.terminate();
        assert!(run.join().unwrap().is_err(), "no answer is better than a wrong one");
    });
    assert_eq!(runtime.wait().code(), Some(0));
}
