//! Names in a sentence: the first of them, and how many more there are.

use std::fmt::Display;

/// How many names a sentence has: more would be a page.
pub(crate) const MOST_LISTED: usize = 20;

/// `one, two and 3 more`, or `none`.
pub(crate) fn listed(names: impl IntoIterator<Item = impl Display>, none: &str) -> String {
    let mut names = names.into_iter();
    let shown: Vec<_> = names.by_ref().take(MOST_LISTED).map(|name| name.to_string()).collect();
    match (shown.is_empty(), names.count()) {
        (true, _) => none.to_owned(),
        (_, 0) => shown.join(", "),
        (_, rest) => format!("{} and {rest} more", shown.join(", ")),
    }
}
