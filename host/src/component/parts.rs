//! Whose a core module is in a component that `wow compose` made of several: its name
//! says so.

/// How the names begin of modules that `wow compose` named.
pub(crate) const MARK: &str = "wow compose: ";

/// The longest name of a part.
pub(crate) const LONGEST_PART: usize = 100;

/// The part that a module of that name is of. The name is a stranger's word.
pub(crate) fn part(module: &str) -> Option<String> {
    let name = module.strip_prefix(MARK)?;
    Some(name.chars().take(LONGEST_PART).flat_map(char::escape_debug).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_strangers_is_short_and_on_one_line() {
        let long = part(&format!("{MARK}{}", "\n".repeat(1000))).expect("marked");
        assert_eq!(long, "\\n".repeat(100));
    }
}
