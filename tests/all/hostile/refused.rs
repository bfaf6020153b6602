//! Guests that are refused at `/init`: what they need is off.

use super::{init, runtime, settles};
use serde_json::json;
use wow_tests::footprint::Footprint;
use wow_tests::hostile::{calm, calm_answer, guest};
use wow_tests::process::wow;
use wow_tests::wat;

#[test]
fn what_needs_a_proposal_that_is_off_is_refused_with_its_name() {
    for (name, why) in [
        ("g-03-memory64", "memory64 must be enabled for 64-bit memories"),
        ("g-04-table64", "memory64 must be enabled for 64-bit tables"),
        ("g-06-async-streams", "`stream` requires the component model async feature"),
        ("g-13-left-task", "`task.return` requires the component model async feature"),
        ("g-20-shared-memory", "threads must be enabled for shared memories"),
        ("g-22-gc", "struct indexed types not supported without the gc feature"),
        ("g-22-tail-calls", "tail calls support is not enabled"),
        ("g-22-function-references", "function references support is not enabled"),
        (
            "g-22-stack-switching",
            "cannot define continuation types when stack switching is disabled",
        ),
        ("g-22-relaxed-simd", "relaxed SIMD support is not enabled"),
        ("g-22-threads", "threads support is not enabled"),
        ("g-22-wide-arithmetic", "wide arithmetic support is not enabled"),
        ("g-22-custom-page-sizes", "the custom page sizes proposal must be enabled"),
    ] {
        let sentence = refused(name);
        assert!(sentence.starts_with("the component is not valid: "), "{name}: {sentence}");
        assert!(sentence.contains(why), "{name}: {sentence}");
    }
}

/// Why a guest is refused, in a sentence; after it another action is initialized.
fn refused(name: &str) -> String {
    let runtime = runtime(wow(), &[]);
    let first = init(&runtime, &guest(name));
    let before = Footprint::of(runtime.id()).unwrap();
    assert_eq!(init(&runtime, &guest(name)), first);
    settles(&runtime, &before);
    let (status, body) = first;
    assert_eq!(status, 502, "{body}");
    assert_eq!(init(&runtime, &wat::action(wat::ECHO)), (200, json!({ "ok": true })));
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
    body["error"].as_str().unwrap().to_owned()
}
