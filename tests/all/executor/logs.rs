//! The logs of containers, in the files that OpenWhisk reads and over the socket.

use super::{Executor, Virtual, start, start_with};
use crate::{code, error};
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::fs;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};
use wow_tests::{SENTINEL, wat};

/// A container that prints its parameters twice, with a wait between.
fn printing(executor: &Executor, environment: &Value) -> Virtual {
    let spec = json!({ "name": "one", "environment": environment });
    let container = executor.create(&spec);
    let print = "(call $print (i32.const 0) (local.get $p) (local.get $l))";
    let sleep = "(call $sleep (i64.const 300000000))";
    let code = wat::wasi_action(&format!("{print} {sleep} {print} {}", wat::ECHO));
    container.load(&STANDARD.encode_to_string(code));
    container
}

/// What the file has: stream and text.
fn records(executor: &Executor, container: &Virtual) -> Vec<(String, String)> {
    let log = executor.inspect(&container.id)["log"].as_str().unwrap().to_owned();
    let text = fs::read_to_string(log).unwrap();
    let field = |record: &Value, name: &str| record[name].as_str().unwrap().to_owned();
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.map(|record| (field(&record, "stream"), field(&record, "log"))).collect()
}

#[test]
fn an_activations_log_is_in_the_file_before_its_answer() {
    let (_folder, executor) = start();
    let container = super::loaded(&executor, "one", "echo.rust");
    assert_eq!(container.run(&json!({ "a": 1 })), (200, json!({ "a": 1 })));
    let sentinel = format!("{SENTINEL}\n");
    let expected = [
        ("stdout", "hello stdout\n"),
        ("stderr", "hello stderr\n"),
        ("stdout", &sentinel),
        ("stderr", &sentinel),
    ];
    let expected = expected.map(|(stream, log)| (stream.to_owned(), log.to_owned()));
    assert_eq!(records(&executor, &container), expected);
    let again = "Cannot initialize the action more than once.";
    assert_eq!(container.init(&code("echo.rust")), (403, error(again)));
    let last = records(&executor, &container).split_off(4);
    assert_eq!(last, [("stderr".to_owned(), format!("{again}\n"))], "no sentinel");
}

#[test]
fn a_window_of_the_log_is_told_over_the_socket() {
    let (_folder, executor) = start();
    let container = super::loaded(&executor, "one", "hello.rust");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(container.run(&super::ada()), super::hello());
    let lines = |query: &str| {
        let (status, log) = executor.control("GET", &format!("/containers/one/logs{query}"));
        assert_eq!(status, 200, "{log}");
        log["lines"].as_array().unwrap().len()
    };
    let (earlier, later) = (now - 10, now + 100);
    assert!(lines("") >= 2);
    assert_eq!(lines(&format!("?since={earlier}&until={later}")), lines(""));
    assert_eq!(lines(&format!("?since={earlier}.5&until={now}.0")), 0);
    assert_eq!(lines(&format!("?since={later}")), 0);
    let (status, wrong) = executor.control("GET", "/containers/one/logs?since=yesterday");
    let expected = "`since` is \"yesterday\": it is seconds since 1970, as 1732222222.5";
    assert_eq!((status, wrong), (400, error(expected)));
    assert_eq!(executor.control("GET", "/containers/two/logs").0, 404);
}

#[test]
fn w_06_a_hundred_runs_at_once_in_one_container_and_no_log_mixes() {
    const RUNS: usize = 120;
    let (_folder, executor) = start();
    let container = printing(&executor, &json!({ "__OW_ALLOW_CONCURRENT": "true" }));
    thread::scope(|scope| {
        for number in 0..RUNS {
            let container = &container;
            let parameters = json!([number]);
            scope.spawn(move || assert_eq!(container.run(&parameters), (200, parameters)));
        }
    });
    let records = records(&executor, &container);
    let mut seen = Vec::new();
    assert_eq!(records.len(), 3 * RUNS);
    for activation in records.chunks(3) {
        let [(_, printed), (out, first), (err, second)] = activation else { panic!("three") };
        assert_eq!((out.as_str(), err.as_str()), ("stdout", "stderr"));
        assert!(first.starts_with(SENTINEL) && second.starts_with(SENTINEL));
        let half = printed.trim_end().len() / 2;
        assert_eq!(printed[..half], printed[half..2 * half], "one activation's own two");
        seen.push(printed[..half].to_owned());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), RUNS);
    // As openwhisk-runtime-nodejs' suite has it for a stream on which nothing is printed.
    let stderr: Vec<_> = records.iter().filter(|(stream, _)| stream == "stderr").collect();
    assert_eq!(stderr.len(), RUNS, "the sentinels follow each other");
}

#[test]
fn w_06_more_than_a_hundred_runs_are_in_flight_together() {
    const RUNS: usize = 120;
    let (_folder, executor) = start();
    let spec = json!({ "name": "one", "environment": { "__OW_ALLOW_CONCURRENT": "true" } });
    let container = executor.create(&spec);
    container.load(&code("sleep.rust"));
    thread::scope(|scope| {
        let runs: Vec<_> = (0..RUNS)
            .map(|_| scope.spawn(|| container.run(&json!({ "milliseconds": 60_000 }))))
            .collect();
        executor.wait_for("wow_slots_taken", RUNS as f64);
        executor.remove("one");
        assert!(runs.into_iter().all(|run| run.join().unwrap().0 == 502));
    });
}

#[test]
fn w_07_runs_overlap_in_a_container_that_is_not_told_otherwise() {
    let (_folder, executor) = start();
    let container = executor.named("one");
    container.load(&code("sleep.rust"));
    thread::scope(|scope| {
        let first = scope.spawn(|| container.run(&json!({ "milliseconds": 60_000 })));
        executor.wait_for("wow_slots_taken", 1.0);
        assert_eq!(container.run(&json!({ "milliseconds": 1 })), (200, json!({ "slept": 1 })));
        executor.remove("one");
        assert_eq!(first.join().unwrap().0, 502);
    });
}

#[test]
fn w_07_a_container_that_may_not_overlap_refuses_the_second_run() {
    let (_folder, executor) = start();
    let spec = json!({ "name": "one", "environment": { "__OW_ALLOW_CONCURRENT": "false" } });
    let container = executor.create(&spec);
    container.load(&code("sleep.rust"));
    let busy = "System not ready, status is running.";
    thread::scope(|scope| {
        let first = scope.spawn(|| container.run(&json!({ "milliseconds": 1000 })));
        executor.wait_for("wow_slots_taken", 1.0);
        assert_eq!(container.run(&json!({})), (403, error(busy)));
        assert_eq!(first.join().unwrap(), (200, json!({ "slept": 1000 })));
    });
    let said = ("stderr".to_owned(), format!("{busy}\n"));
    let records = records(&executor, &container);
    assert_eq!((&records[0], records.len()), (&said, 3), "and no sentinel for it");
}

#[test]
fn g_08_a_logs_file_takes_no_more_of_the_disk_than_what_is_kept() {
    use std::os::unix::fs::MetadataExt as _;
    let (_folder, executor) = start_with(&["--log-kept", "1"]);
    let container = executor.named("one");
    let flood = "(local $n i32) (loop
        (call $print (i32.const 0) (local.get $p) (local.get $l))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if 0 (i32.lt_u (local.get $n) (i32.const 25))))";
    let code = wat::wasi_action(&format!("{flood} {}", wat::ECHO));
    container.load(&STANDARD.encode_to_string(code));
    // WASI has 4096 bytes for a write.
    let large = json!(["x".repeat(4000)]);
    for _ in 0..50 {
        assert_eq!(container.run(&large), (200, large.clone()));
    }
    let log = executor.inspect("one")["log"].as_str().unwrap().to_owned();
    let file = fs::metadata(log).unwrap();
    assert!(file.len() > 5_000_000, "readers go by the byte: {}", file.len());
    assert!(file.blocks() * 512 < 2 << 20, "{} bytes of the disk", file.blocks() * 512);
}
