//! More than there is room for.

use crate::code;
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wow_tests::client;
use wow_tests::executor::Executor;
use wow_tests::footprint::Footprint;
use wow_tests::hostile::guest;
use wow_tests::process::{self, Runtime};

/// Activations that fit at once, and clients.
const ROOM: usize = 4;
const CLIENTS: usize = 10 * ROOM;

#[test]
fn o_01_ten_times_more_than_fits_is_answered_all_the_same() {
    let room = ROOM.to_string();
    let runtime = Runtime::start_with(&mut process::wow(), &["--instances", &room]);
    assert_eq!(runtime.init(&code("sleep.rust")).0, 200);
    let body = json!({ "value": { "milliseconds": 50 } }).to_string();
    let run = || {
        let start = Instant::now();
        let reply = client::post(runtime.address, "/run", body.as_bytes()).unwrap();
        (reply.whole(), start.elapsed())
    };
    let busy = "there is no free instance slot: 4 are taken, the most that this host has";
    let idle = Footprint::of(runtime.id()).unwrap();
    let (over, all) = (AtomicBool::new(false), Mutex::new(Vec::<((u16, Value), Duration)>::new()));
    let (start, warm) = (Barrier::new(CLIENTS + 1), Duration::from_millis(500));
    let before = thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                start.wait();
                while !over.load(Ordering::SeqCst) {
                    let answered = run();
                    all.lock().unwrap().push(answered);
                }
            });
        }
        start.wait();
        // How long the load lasts is the test's own choice, not a wait for something.
        thread::sleep(warm);
        let before = Footprint::of(runtime.id()).unwrap();
        thread::sleep(4 * warm);
        over.store(true, Ordering::SeqCst);
        before
    });
    let all = all.into_inner().unwrap();
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for (reply, elapsed) in all {
        match reply {
            (200, answer) => {
                assert_eq!(answer, json!({ "slept": 50 }));
                accepted.push(elapsed);
            }
            other => {
                assert_eq!(other, (503, json!({ "error": busy })));
                refused.push(elapsed);
            }
        }
    }
    // As many as fit, one after another, for two seconds; a busy machine may do half of it.
    assert!(accepted.len() >= ROOM * 20, "{} were accepted", accepted.len());
    assert!(refused.len() > accepted.len(), "{} were refused", refused.len());
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    // 50 ms is promised; forty clients share the machine with the host.
    assert!(median(&mut refused) < Duration::from_millis(250), "{:?}", median(&mut refused));
    assert!(median(&mut accepted) < Duration::from_millis(500), "{:?}", median(&mut accepted));
    // In between, the clients' connections are open or just closed.
    let loaded = Footprint { descriptors: idle.descriptors, ..before };
    Footprint::settles(&loaded, runtime.id(), before.resident / 5);
    assert_eq!(run().0, (200, json!({ "slept": 50 })), "it has room again at once");
}

/// Of WASI 0.3 there is nothing here that could push back: it is off.
#[test]
fn o_04_what_would_have_to_be_held_back_is_refused_at_init() {
    let folder = tempfile::tempdir().unwrap();
    let executor = Executor::start(folder.path());
    for name in ["g-06-async-streams", "g-13-left-task"] {
        let (status, answer) = executor.named(name).init(&STANDARD.encode_to_string(guest(name)));
        let sentence = answer["error"].as_str().unwrap();
        assert_eq!(status, 502, "{sentence}");
        let start = "the component has `async func`, streams or futures of WASI 0.3, which";
        assert!(sentence.starts_with(start), "{sentence}");
    }
}

/// One deadline within a guest, which one that waits never reaches, and one around it.
#[test]
fn o_05_who_waits_ends_in_time_beside_one_that_computes_and_so_does_that() {
    let folder = tempfile::tempdir().unwrap();
    let executor = Executor::start(folder.path());
    let names = ["g-01-loop", "g-10-sleep", "g-10-poll-storm"];
    let containers = names.map(|name| {
        let container = executor.named(name);
        container.load(&STANDARD.encode_to_string(guest(name)));
        container
    });
    let start = Instant::now();
    thread::scope(|scope| {
        for container in containers.iter().flat_map(|container| [container; 3]) {
            scope.spawn(|| {
                let end = SystemTime::now() + Duration::from_secs(1);
                let end = end.duration_since(UNIX_EPOCH).unwrap().as_millis().to_string();
                let (status, answer) =
                    container.post("/run", &json!({ "value": {}, "deadline": end }));
                let sentence = answer["error"].as_str().unwrap();
                assert_eq!(status, 502, "{sentence}");
                assert!(
                    sentence.starts_with("The action exceeded its time limits of "),
                    "{sentence}"
                );
            });
        }
    });
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
