//! The corpus of `guests/hostile`, each case against a `wow runtime` of its own:
//! what is answered and when, that others are answered meanwhile, that nothing
//! is left behind, and that the action is still warm.

mod abi;
mod archives;
mod bodies;
mod connections;
mod memory;
mod reach;
mod refused;
mod results;
mod soak;
mod time;
mod uploads;
mod words;

use crate::error;
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use wow_tests::footprint::Footprint;
use wow_tests::hostile::{calm, calm_answer, guest, hostile};
use wow_tests::process::{Runtime, wow};
use wow_tests::{SENTINEL, wat};

/// The time limit of every case.
const LIMIT: Duration = Duration::from_millis(1000);
/// Later than this nothing ends, on a machine that does other things as well.
const LATEST: Duration = LIMIT.saturating_mul(5);
/// What a process may hold more after a case than before it, in KiB. A leak of an
/// activation would be a memory, a stack or a table, and each is larger.
const SLACK: u64 = 4096;

/// What a container's memory keeps for the host beside its actions, in KiB: what the
/// host itself needed for large bodies and many connections may stay with its
/// allocator, as far as there is room for it.
const RESERVE: u64 = 16 << 10;

/// The answer to what runs until its deadline.
fn over() -> (u16, Value) {
    (502, error("The action exceeded its time limits of 1000 milliseconds."))
}

/// The answer to what asked for too much and gave up.
fn exhausted() -> (u16, Value) {
    (502, error("The action exhausted its memory and was aborted."))
}

/// The answer to a trap.
fn trapped(why: &str) -> (u16, Value) {
    (502, error(&format!("the action trapped: {why}")))
}

/// The answer to what does no harm after all.
fn harmless() -> (u16, Value) {
    (200, json!({}))
}

/// A runtime with the limit of every case, unless an argument says another.
fn runtime(mut program: Command, arguments: &[&str]) -> Runtime {
    Runtime::start_with(program.env("WOW_TIMEOUT", "1000"), arguments)
}

/// A runtime with an action.
fn loaded(component: &[u8], arguments: &[&str]) -> Runtime {
    let runtime = runtime(wow(), arguments);
    assert_eq!(init(&runtime, component), (200, json!({ "ok": true })));
    runtime
}

fn init(runtime: &Runtime, code: &[u8]) -> (u16, Value) {
    runtime.init(&STANDARD.encode_to_string(code))
}

/// Lets a guest of the corpus misbehave, and checks all that has to hold. Its log is
/// returned: stdout, stderr.
fn strike(name: &str, arguments: &[&str], answer: &(u16, Value)) -> (String, String) {
    strike_at(&loaded(&guest(name), arguments), answer)
}

/// The same on a runtime that has the action.
fn strike_at(runtime: &Runtime, answer: &(u16, Value)) -> (String, String) {
    strike_within(runtime, answer, SLACK)
}

/// The same where so many KiB may stay.
fn strike_within(runtime: &Runtime, answer: &(u16, Value), slack: u64) -> (String, String) {
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
    // What is done once in a process is done in the first of two.
    let served = strike_beside(runtime, answer);
    let before = Footprint::at_work(runtime.address, runtime.id()).unwrap();
    let runs = 1 + served + strike_beside(runtime, answer);
    settles_within(runtime, &before, slack);
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer(), "warm, without an init");
    halves(&log(runtime, runs + 1))
}

/// Uploads code that must be refused, twice, and checks that nothing of it stays and
/// that other code is accepted afterwards. Each is answered with 502 and the
/// sentence and the hint that are returned.
fn refusals(runtime: &Runtime, codes: &[Vec<u8>]) -> Vec<String> {
    let refuse = || -> Vec<String> {
        let uninitialized = (403, error("System not initialized."));
        let refuse = |code: &Vec<u8>| {
            let start = Instant::now();
            let (status, body) = thread::scope(|scope| {
                let refused = scope.spawn(|| init(runtime, code));
                assert_eq!(runtime.post("/run", &calm()).whole(), uninitialized);
                refused.join().unwrap()
            });
            assert!(start.elapsed() < LATEST, "{:?}", start.elapsed());
            let sentence = body["error"].as_str().map(ToOwned::to_owned);
            assert_eq!((status, body.as_object().map(|body| body.len())), (502, Some(1)), "{body}");
            // Which of the compiler's two clocks was first is the machine's business.
            sentence.expect("a sentence").replace("longer than 2 s", "longer than 1 s")
        };
        codes.iter().map(refuse).collect()
    };
    let first = refuse();
    let before = Footprint::at_work(runtime.address, runtime.id()).unwrap();
    assert_eq!(refuse(), first);
    settles(runtime, &before);
    good(runtime);
    first
}

/// Initializes a runtime with good code, and runs it.
fn good(runtime: &Runtime) {
    assert_eq!(init(runtime, &wat::action(wat::ECHO)), (200, json!({ "ok": true })));
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
    assert_eq!(log(runtime, 1), silent(), "neither a refused init nor a refused run has a log");
}

/// Lets an action misbehave beside a calm activation of its own, and says how many
/// activations there were.
fn strike_beside(runtime: &Runtime, answer: &(u16, Value)) -> usize {
    let (over, begun) = (AtomicBool::new(false), AtomicBool::new(false));
    let (answered, elapsed, served) = thread::scope(|scope| {
        let bystander = scope.spawn(|| {
            let mut served = 0;
            // Its own limit is the bound of its latency: it would be told so.
            while !over.load(Ordering::SeqCst) {
                assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
                served += 1;
                begun.store(true, Ordering::SeqCst);
            }
            served
        });
        while !begun.load(Ordering::SeqCst) && !bystander.is_finished() {
            thread::yield_now();
        }
        let start = Instant::now();
        let answered = runtime.post("/run", &hostile()).whole();
        let elapsed = start.elapsed();
        over.store(true, Ordering::SeqCst);
        (answered, elapsed, bystander.join().expect("the bystander was answered"))
    });
    assert_eq!(&answered, answer);
    assert!(elapsed < LATEST, "{elapsed:?}");
    if *answer == self::over() {
        assert!(elapsed > LIMIT / 2, "it had more time: {elapsed:?}");
        assert!(served > 2, "the bystander was answered {served} times");
    }
    served + 1
}

/// The head of a request with a body of so many bytes.
fn head(path: &str, length: usize) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n").into_bytes()
}

/// Waits until a process holds no more than before.
fn settles(runtime: &Runtime, before: &Footprint) {
    settles_within(runtime, before, SLACK);
}

/// Waits until a process holds no more than before, but for so many KiB.
fn settles_within(runtime: &Runtime, before: &Footprint, slack: u64) {
    Footprint::settles(before, runtime.id(), slack);
}

/// Everything that a runtime printed in so many activations, without the sentinels,
/// of which there is one on each stream for each.
fn log(runtime: &Runtime, runs: usize) -> (String, String) {
    let line = format!("{SENTINEL}\n");
    let take = |stream: &wow_tests::Buffer| {
        let text = stream.wait(|text| text.matches(&line).count() >= runs);
        assert_eq!(text.matches(&line).count(), runs, "a sentinel for every activation");
        text.replace(&line, "")
    };
    (take(&runtime.stdout), take(&runtime.stderr))
}

/// The log of one of two activations that print the same.
fn halves((stdout, stderr): &(String, String)) -> (String, String) {
    let half = |text: &str| {
        let (first, second) = text.split_at_checked(text.len() / 2).expect("two of the same");
        // Not compared by `assert_eq!`, which would print a megabyte.
        assert!(first == second, "two that differ, of {} bytes: {text:.1000}", text.len());
        first.to_owned()
    };
    (half(stdout), half(stderr))
}

fn silent() -> (String, String) {
    (String::new(), String::new())
}

#[test]
fn every_hostile_guest_is_in_the_table_and_in_a_test() {
    let folder = wow_tests::guests::repository().join("guests/hostile");
    let table = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let tests = [
        include_str!("files.rs"),
        include_str!("hostile/abi.rs"),
        include_str!("hostile/memory.rs"),
        include_str!("hostile/reach.rs"),
        include_str!("hostile/refused.rs"),
        include_str!("hostile/time.rs"),
        include_str!("hostile/words.rs"),
    ]
    .concat();
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = file.strip_suffix(".wat") else { continue };
        assert!(tests.contains(&format!("\"{name}\"")), "{name} is in no test");
        let group = format!("`{}…`", name.split_at("g-00-".len()).0);
        assert!(
            table.contains(&format!("`{name}`")) || table.contains(&group),
            "{name} is not in the table"
        );
    }
}
