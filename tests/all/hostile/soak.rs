//! A short soak; `cargo xtask bench soak` has the long one.

use super::SLACK;
use wow_tests::process::{Runtime, wow};
use wow_tests::soak::{self, GUESTS};

#[test]
fn hundreds_of_hostile_activations_leave_nothing_behind() {
    let soaked = soak::run(540, || Runtime::start_with(&mut wow(), &["--memory", "32"])).unwrap();
    assert_eq!(soaked.wrong, 0, "{soaked:?}");
    let slack = SLACK * u64::try_from(GUESTS.len()).unwrap();
    assert!(soaked.after.is_within(&soaked.before, slack), "{soaked:?}");
}
