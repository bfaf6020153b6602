//! Every guest in every language through every case of its behaviour.

use crate::code;
use crate::compose::composed;
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::time::Instant;
use wow_tests::client;
use wow_tests::guests::{self, Case, matches};
use wow_tests::process::{Runtime, init_body};
use wow_tests::table::{self, Measured};

#[test]
fn every_guest_meets_every_case() {
    let guests = built();
    assert!(guests.len() >= 17, "only {} guests were found", guests.len());
    let (mut run, mut failures, mut measured) = (0, Vec::new(), Vec::new());
    for (guest, cases) in &guests {
        let mut runtime: Option<(&Case, Runtime)> = None;
        for case in cases {
            // Cases of one action share a container, as its activations do.
            let (_, runtime) = match runtime.take() {
                Some((last, running))
                    if (&last.main, &last.environment, &last.around)
                        == (&case.main, &case.environment, &case.around) =>
                {
                    runtime.insert((case, running))
                }
                _ => runtime.insert((case, started(guest, case))),
            };
            let (status, result) = runtime.run(&case.parameters);
            let (stdout, stderr) = runtime.log();
            let met = status == case.status
                && matches(&case.result, &result)
                && matches(&case.stdout, &Value::from(stdout.as_str()))
                && matches(&case.stderr, &Value::from(stderr.as_str()));
            if !met {
                let case = &case.name;
                failures.push(format!(
                    "{guest}: {case}: {status} {result}\nstdout: {stdout}\nstderr: {stderr}"
                ));
            }
            run += 1;
        }
        measured.push(measure(guest, &cases[0]));
    }
    table::write(&measured);
    assert!(failures.is_empty(), "of {run} cases these failed:\n\n{}", failures.join("\n\n"));
}

/// The guests that are built. Those in Rust are everywhere, others are skipped by name.
#[expect(clippy::print_stderr, reason = "whoever runs the tests sees what was not run")]
fn built() -> Vec<(String, Vec<Case>)> {
    // What can be built is not skipped because nobody built it.
    let expected = |name: &str| match name.rsplit_once('.') {
        Some((_, "rust")) => true,
        Some((_, "assemblyscript" | "javascript")) => guests::can_build(name),
        _ => false,
    };
    let here = |name: &str| expected(name) || guests::is_built(name);
    let (built, skipped): (Vec<_>, Vec<_>) =
        guests::all().into_iter().partition(|(guest, _)| here(guest));
    for (guest, _) in &skipped {
        eprintln!("skipped {guest}: it is not built, `cargo xtask guests --all` says why");
    }
    eprintln!("{} guests are built, {} are skipped", built.len(), skipped.len());
    built
}

fn started(guest: &str, case: &Case) -> Runtime {
    let (runtime, init) = prepared(guest, case);
    let reply = runtime.post("/init", &init).whole();
    assert_eq!(reply, (200, json!({ "ok": true })), "{guest}");
    runtime
}

/// A runtime, and the body of the guest's `/init`.
fn prepared(guest: &str, case: &Case) -> (Runtime, Value) {
    let code = &match &case.around {
        Some(inner) => STANDARD.encode_to_string(composed(&[guest, inner], &[])),
        None => code(guest),
    };
    (Runtime::start(), init_body(code, &case.main, Value::Object(case.environment.clone())))
}

/// What a guest weighs, and takes in a new process that finds its code on disk.
fn measure(guest: &str, case: &Case) -> Measured {
    /// Activations, of which the middle one counts.
    const RUNS: usize = 9;

    let (runtime, init) = prepared(guest, case);
    let timed = |path: &str, body: &Value| {
        let body = body.to_string();
        let start = Instant::now();
        client::post(runtime.address, path, body.as_bytes()).unwrap();
        start.elapsed().as_secs_f64() * 1000.0
    };
    let init = timed("/init", &init);
    let run = json!({ "value": case.parameters });
    let mut runs: Vec<_> = (0..RUNS).map(|_| timed("/run", &run)).collect();
    runs.sort_by(f64::total_cmp);
    Measured {
        guest: guest.to_owned(),
        bytes: guests::read(guest).len(),
        init,
        run: runs[RUNS / 2],
    }
}

#[test]
fn every_guest_that_is_built_has_its_size_in_the_table_of_the_readme() {
    let table = table::Table::read();
    let wrong: Vec<_> = built()
        .iter()
        .filter_map(|(guest, _)| {
            let (built, told) = (guests::read(guest).len(), table.bytes(guest));
            // Compilers differ a little from machine to machine.
            let near = told.is_some_and(|told| built * 10 <= told * 12 && told * 10 <= built * 12);
            (!near).then(|| format!("{guest} has {built} bytes, the table says {told:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "run `cargo xtask guests --table`:\n{}", wrong.join("\n"));
}

#[test]
fn the_typed_action_of_the_manual_is_one_that_is_built() {
    let read = |file: &str| std::fs::read_to_string(guests::repository().join(file)).unwrap();
    let manual = read("docs/writing-an-action/rust.md");
    for (file, language) in [("src/lib.rs", "rust"), ("wit/sum.wit", "wit")] {
        let text = read(&format!("guests/sum/rust/{file}"));
        assert!(manual.contains(&format!("```{language}\n{text}```")), "{file}");
    }
    let manifest = read("guests/sum/rust/Cargo.toml");
    let (_, dependencies) = manifest.split_once("[dependencies]\n").unwrap();
    assert_eq!(dependencies.trim(), "wow-action.workspace = true", "it needs nothing else");
}

#[test]
fn two_activations_draw_different_random_numbers() {
    let runtime = Runtime::start();
    assert_eq!(runtime.init(&code("random.rust")).0, 200);
    let draw = || runtime.run(&json!({ "bytes": 16 }));
    let (first, second) = (draw(), draw());
    assert_eq!((first.0, second.0), (200, 200));
    assert_ne!(first.1, second.1);
}

#[test]
fn a_panic_is_named_with_its_place_in_the_reply() {
    let runtime = Runtime::start();
    assert_eq!(runtime.init(&code("panic.rust")).0, 200);
    let (status, body) = runtime.run(&json!({ "message": "boom" }));
    let sentence = body["error"].as_str().unwrap();
    assert_eq!(status, 502);
    assert!(sentence.starts_with("the action trapped: panicked at "), "{sentence}");
    assert!(sentence.ends_with(": boom"), "{sentence}");
}
