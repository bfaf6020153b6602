//! Many hostile activations, a guest of the corpus a process, and what the
//! processes hold once they are warm and at the end.

use crate::PATIENCE;
use crate::footprint::Footprint;
use crate::hostile::{calm, calm_answer, guest, hostile};
use crate::process::{Runtime, init_body};
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// Guests that end at once, each in another way.
pub const GUESTS: [&str; 18] = [
    "g-03-grow",
    "g-03-grow-to-refusal",
    "g-04-four-tables",
    "g-05-host",
    "g-05-realloc",
    "g-05-recursion",
    "g-06-fields",
    "g-07-long-result",
    "g-07-quadratic",
    "g-08-bytes",
    "g-08-sentinel",
    "g-11-trap",
    "g-12-headers",
    "g-12-random",
    "g-16-discriminant",
    "g-16-forged-handle",
    "g-17-exit-1",
    "g-17-no-dictionary",
];

/// How often an action is called as it should be, in hostile activations.
const CALM: usize = 50;

/// What came of it.
#[derive(Debug)]
pub struct Soaked {
    /// What the processes held together after a tenth of the activations.
    pub before: Footprint,
    /// What they held at the end.
    pub after: Footprint,
    /// The guest whose process grew most, and by how many KiB.
    pub most: (&'static str, u64),
    /// Answers that were not as that guest's first, or as a calm one should be.
    pub wrong: usize,
    /// How long it took.
    pub time: Duration,
}

/// An action, and how it answers.
struct Action {
    name: &'static str,
    runtime: Runtime,
    answer: (u16, Value),
}

/// Runs so many hostile activations in turn on runtimes that `start` starts.
pub fn run(count: usize, start: impl Fn() -> Runtime) -> io::Result<Soaked> {
    let begun = Instant::now();
    let mut actions = Vec::new();
    for name in GUESTS {
        let runtime = start();
        // Its threads are there before anything is counted.
        Footprint::at_work(runtime.address, runtime.id())?;
        let code = STANDARD.encode_to_string(guest(name));
        let ready = runtime.post("/init", &init_body(&code, "main", json!({})));
        if ready.status != 200 {
            return Err(io::Error::other(format!("{name}: {}", ready.json())));
        }
        let answer = runtime.post("/run", &hostile()).whole();
        actions.push(Action { name, runtime, answer });
    }
    let warm = count / 10;
    let mut wrong = strike(&actions, 0, warm);
    let each = actions.iter().map(held).collect::<io::Result<Vec<_>>>()?;
    let before = footprint(&actions)?;
    wrong += strike(&actions, warm, count);
    // A connection that was answered is closed soon after.
    let end = Instant::now();
    let mut after = footprint(&actions)?;
    while after.descriptors > before.descriptors && end.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(50));
        after = footprint(&actions)?;
    }
    let mut most = ("none", 0);
    for (action, before) in actions.iter().zip(each) {
        let grown = held(action)?.resident.saturating_sub(before.resident);
        if grown > most.1 {
            most = (action.name, grown);
        }
    }
    Ok(Soaked { before, after, most, wrong, time: begun.elapsed() })
}

/// Activations from one number to another; gives how many answers were wrong.
fn strike(actions: &[Action], from: usize, to: usize) -> usize {
    let mut wrong = 0;
    for number in from..to {
        let (round, place) = (number / actions.len(), number % actions.len());
        let Action { runtime, answer, .. } = &actions[place];
        wrong += usize::from(runtime.post("/run", &hostile()).whole() != *answer);
        if round % CALM == 0 {
            wrong += usize::from(runtime.post("/run", &calm()).whole() != calm_answer());
            // A hundred thousand sentinels are of no use here.
            runtime.stdout.clear();
            runtime.stderr.clear();
        }
    }
    wrong
}

/// What an action's process holds.
fn held(action: &Action) -> io::Result<Footprint> {
    Footprint::of(action.runtime.id())
}

/// What all processes hold together.
fn footprint(actions: &[Action]) -> io::Result<Footprint> {
    let mut sum = Footprint { resident: 0, descriptors: 0, threads: 0 };
    for action in actions {
        let one = held(action)?;
        sum.resident += one.resident;
        sum.descriptors += one.descriptors;
        sum.threads += one.threads;
    }
    Ok(sum)
}
