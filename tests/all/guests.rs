//! Every guest in every language through every case of its behaviour.

use crate::code;
use crate::compose::composed;
use base64_simd::STANDARD;
use serde_json::{Value, json};
use wow_tests::guests::{self, Case, matches};
use wow_tests::process::{Runtime, init_body};

#[test]
fn every_guest_meets_every_case() {
    let guests = built();
    assert!(guests.len() >= 17, "only {} guests were found", guests.len());
    let (mut run, mut failures) = (0, Vec::new());
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
    }
    assert!(failures.is_empty(), "of {run} cases these failed:\n\n{}", failures.join("\n\n"));
}

/// The guests that are built. Those in Rust are everywhere, others are skipped by name.
#[expect(clippy::print_stderr, reason = "whoever runs the tests sees what was not run")]
fn built() -> Vec<(String, Vec<Case>)> {
    // What can be built is not skipped because nobody built it.
    let expected = |name: &str| match name.rsplit_once('.') {
        Some((_, "rust")) => true,
        Some((_, "assemblyscript")) => guests::can_build(name),
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
    let code = &match &case.around {
        Some(inner) => STANDARD.encode_to_string(composed(&[guest, inner], &[])),
        None => code(guest),
    };
    let runtime = Runtime::start();
    let env = Value::Object(case.environment.clone());
    let reply = runtime.post("/init", &init_body(code, &case.main, env)).whole();
    assert_eq!(reply, (200, json!({ "ok": true })));
    runtime
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
fn g_21_text_of_all_of_unicode_passes_a_guest_of_utf_16_unharmed() {
    if !guests::can_build("echo.assemblyscript") {
        return;
    }
    let runtime = Runtime::start();
    assert_eq!(runtime.init(&code("echo.assemblyscript")).0, 200);
    let mut state = 1u64;
    let mut below = |bound: u32| {
        // An LCG of Knuth's, its upper half: the same texts in every run.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 32).unwrap() % bound
    };
    for _ in 0..200 {
        // From each length of UTF-8, so that every way to transcode is taken, and changes within a text.
        let mut text = String::new();
        for _ in 0..below(300) {
            let end = [0x80, 0x800, 0x1_0000, 0x11_0000][below(4) as usize];
            text.extend(char::from_u32(below(end)));
        }
        let parameters = json!({ text.as_str(): [text, { "again": text }] });
        assert_eq!(runtime.run(&parameters), (200, parameters));
        runtime.log();
    }
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
