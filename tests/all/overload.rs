//! More than there is room for.

use crate::code;
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wow_tests::executor::Executor;
use wow_tests::footprint::Footprint;
use wow_tests::hostile::guest;
use wow_tests::process::{self, Runtime};
use wow_tests::{client, wat};

/// Activations that fit at once, and clients.
const ROOM: usize = 4;
const CLIENTS: usize = 10 * ROOM;

#[test]
fn o_01_ten_times_more_than_fits_is_answered_all_the_same() {
    let runtime = Runtime::start_with(&mut process::wow(), &["--instances", &ROOM.to_string()]);
    assert_eq!(runtime.init(&code("sleep.rust")).0, 200);
    flood(runtime.id(), &[runtime.address]);
}

#[test]
fn o_01_ten_times_more_than_fits_is_answered_by_the_containers_of_an_executor() {
    let folder = tempfile::tempdir().unwrap();
    let executor = Executor::start_with(folder.path(), &["--instances", &ROOM.to_string()]);
    let addresses = ["one", "two", "three"].map(|name| {
        let container = executor.named(name);
        container.load(&code("sleep.rust"));
        container.address
    });
    flood(executor.id(), &addresses);
}

#[test]
fn o_01_a_runtime_that_is_not_told_that_runs_overlap_has_slots_for_twenty() {
    let runtime = Runtime::start();
    assert_eq!(runtime.init(&code("sleep.rust")).0, 200);
    let body = json!({ "value": { "milliseconds": 2000 } }).to_string();
    let run = || client::post(runtime.address, "/run", body.as_bytes()).unwrap().whole();
    let answers: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> = (0..21).map(|_| scope.spawn(run)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let busy = "there is no free instance slot: 20 are taken, the most that this host has";
    let expected = (200, json!({ "slept": 2000 }));
    let (ran, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| *answer == expected);
    assert_eq!((ran.len(), refused), (20, vec![(503, json!({ "error": busy }))]));
}

/// Ten times more clients than fit for two seconds, each at one of the addresses, where `sleep` is.
fn flood(process: u32, addresses: &[SocketAddr]) {
    let body = json!({ "value": { "milliseconds": 50 } }).to_string();
    let run = |client: usize| {
        let start = Instant::now();
        let address = addresses[client % addresses.len()];
        let reply = client::post(address, "/run", body.as_bytes()).unwrap();
        (reply.whole(), start.elapsed())
    };
    let busy = "there is no free instance slot: 4 are taken, the most that this host has";
    let idle = Footprint::at_work(addresses[0], process).unwrap();
    let (over, all) = (AtomicBool::new(false), Mutex::new(Vec::<((u16, Value), Duration)>::new()));
    let (start, warm) = (Barrier::new(CLIENTS + 1), Duration::from_millis(500));
    let before = thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (run, over, all, start) = (&run, &over, &all, &start);
            scope.spawn(move || {
                start.wait();
                while !over.load(Ordering::SeqCst) {
                    let answered = run(client);
                    all.lock().unwrap().push(answered);
                }
            });
        }
        start.wait();
        // How long the load lasts is the test's own choice, not a wait for something.
        thread::sleep(warm);
        let before = Footprint::of(process).unwrap();
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
    Footprint::settles(&loaded, process, before.resident / 5);
    assert_eq!(run(0).0, (200, json!({ "slept": 50 })), "it has room again at once");
}

#[test]
fn a_burst_waits_in_the_kernel_for_a_host_that_has_no_time_to_accept() {
    let allowed = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
    let burst = allowed.trim().parse::<usize>().unwrap().min(500);
    let runtime = Runtime::start();
    runtime.signal("-STOP");
    // Whoever finds no place is told nothing, and would ask again after a second.
    let soon = Duration::from_millis(900);
    let connected: Vec<_> =
        (0..burst).map(|_| TcpStream::connect_timeout(&runtime.address, soon)).collect();
    runtime.signal("-CONT");
    let refused = connected.iter().filter(|stream| stream.is_err()).count();
    assert_eq!(refused, 0, "of {burst}");
}

#[test]
fn o_03_one_container_has_the_last_slot_and_the_other_is_told_so_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let executor = Executor::start_with(folder.path(), &["--instances", "1"]);
    let (one, other) = (executor.named("one"), executor.named("other"));
    one.load(&code("sleep.rust"));
    other.load(&code("hello.rust"));
    let (ada, hello) = (json!({ "name": "Ada" }), json!({ "greeting": "Hello, Ada!" }));
    thread::scope(|scope| {
        let sleeper = scope.spawn(|| one.run(&json!({ "milliseconds": 1000 })));
        executor.wait_for("wow_slots_taken", 1.0);
        let busy = "there is no free instance slot: 1 are taken, the most that this host has";
        let start = Instant::now();
        assert_eq!(other.run(&ada), (503, json!({ "error": busy })));
        assert!(start.elapsed() < Duration::from_millis(500), "it waited: {:?}", start.elapsed());
        assert_eq!(sleeper.join().unwrap(), (200, json!({ "slept": 1000 })));
    });
    assert_eq!(other.run(&ada), (200, hello));
    let memories =
        "(core module $m (memory 1))".to_owned() + &"(core instance (instantiate $m))".repeat(50);
    let text = wat::text(wat::ECHO).replacen("(component", &format!("(component {memories}"), 1);
    let large = executor.named("large");
    let (status, answer) = large.init(&STANDARD.encode_to_string(wat::assemble(&text)));
    let sentence = answer["error"].as_str().unwrap();
    assert_eq!(status, 502, "{sentence}");
    assert!(sentence.starts_with("the component is too large for this host: "), "{sentence}");
}

/// The memory of a small activation is freed after its reply: who comes next must not notice.
#[test]
fn who_comes_after_a_reply_finds_the_slot_and_the_memory_free() {
    // A guest of a little more than a megabyte: two of them do not fit.
    let runtime = Runtime::observed(&["--instances", "1", "--memory", "2"]);
    assert_eq!(runtime.init(&code("hello.rust")).0, 200);
    let body = json!({ "value": { "name": "Ada" } }).to_string();
    let expected = (200, json!({ "greeting": "Hello, Ada!" }));
    for number in 0..300 {
        // An open connection has the next one answered by another thread.
        let idle = (number % 2 == 0).then(|| TcpStream::connect(runtime.address).unwrap());
        let answer = client::post(runtime.address, "/run", body.as_bytes()).unwrap().whole();
        assert_eq!(answer, expected, "{number}");
        drop(idle);
    }
    assert_eq!(runtime.metric("wow_slots_taken") + runtime.metric("wow_memory_held_bytes"), 0.0);
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
