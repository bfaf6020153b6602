//! Guests that are refused at `/init`: what they need is off.

use super::{refusals, runtime};
use wow_tests::hostile::guest;
use wow_tests::process::wow;

#[test]
fn what_needs_a_proposal_that_is_off_is_refused_with_its_name() {
    let cases = [
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
    ];
    let codes = cases.map(|(name, _)| guest(name));
    for ((name, why), sentence) in cases.iter().zip(refusals(&runtime(wow(), &[]), &codes)) {
        let start = match why.contains("component model async") {
            true => "the component has `async func`, streams or futures of WASI 0.3, which",
            false => "the component is not valid: ",
        };
        assert!(sentence.starts_with(start), "{name}: {sentence}");
        assert!(sentence.contains(why), "{name}: {sentence}");
    }
}
