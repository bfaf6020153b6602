//! How JSON spells the names of fields, cases and flags, and which one was meant.

use std::collections::HashMap;

/// Names in the order in which they were declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Names {
    names: Box<[Name]>,
    /// Every accepted spelling, sorted.
    spellings: Box<[(Box<str>, usize)]>,
}

/// One name.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// As it is declared, in kebab-case.
    pub wit: Box<str>,
    /// As JSON has it.
    pub json: Box<str>,
}

/// How many names are compared for a suggestion: an error is no reason to work.
const MOST_COMPARED: usize = 256;

/// The longest name that is compared for a suggestion, in bytes.
const LONGEST_COMPARED: usize = 64;

impl Names {
    /// The keys of an object: in lowerCamelCase, unless two would be the same.
    pub fn keys<'a>(wit: impl IntoIterator<Item = &'a str>) -> Self {
        let wit: Vec<_> = wit.into_iter().collect();
        let camel: Vec<_> = wit.iter().map(|name| camel_case(name)).collect();
        // `x-1` and `x1` are two names in WIT and one in lowerCamelCase.
        let mut claims = HashMap::<&str, usize>::new();
        for name in &camel {
            *claims.entry(name).or_default() += 1;
        }
        let json = camel.iter().zip(&wit);
        let json = json.map(|(camel, wit)| if claims[&**camel] == 1 { camel } else { *wit });
        Self::new(
            wit.iter().zip(json).map(|(wit, json)| Name { wit: (*wit).into(), json: json.into() }),
        )
    }

    /// Cases or flags: values, which JSON has as WIT has them.
    pub fn cases<'a>(wit: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(wit.into_iter().map(|name| Name { wit: name.into(), json: name.into() }))
    }

    fn new(names: impl Iterator<Item = Name>) -> Self {
        let names: Box<[Name]> = names.collect();
        let both =
            |(place, name): (usize, &Name)| [(name.wit.clone(), place), (name.json.clone(), place)];
        let mut spellings: Vec<_> = names.iter().enumerate().flat_map(both).collect();
        spellings.sort();
        spellings.dedup();
        Self { names, spellings: spellings.into() }
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Name> {
        self.names.iter()
    }

    /// The name at a place that [`Names::find`] gave.
    pub(super) fn get(&self, place: usize) -> &Name {
        &self.names[place]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The place of a name in either spelling.
    pub fn find(&self, spelling: &str) -> Option<usize> {
        let found = self.spellings.binary_search_by(|(known, _)| (**known).cmp(spelling));
        found.ok().map(|at| self.spellings[at].1)
    }

    /// What was probably meant by a name that there is not.
    pub(super) fn near(&self, spelling: &str) -> Option<&str> {
        if spelling.len() > LONGEST_COMPARED {
            return None;
        }
        let wanted = spelling.to_lowercase();
        let names = self.names.iter().map(|name| &*name.json).take(MOST_COMPARED);
        let distance = |name: &str| {
            let distance = strsim::osa_distance(&name.to_lowercase(), &wanted);
            // A third may be wrong: `nmae` is near to `name`, `xl` is not near to `l`.
            (distance <= name.len().min(wanted.len()) / 3).then_some(distance)
        };
        let near = names.filter(|name| name.len() <= LONGEST_COMPARED);
        let near = near.filter_map(|name| Some((distance(name)?, name)));
        near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
    }
}

/// `first-name` to `firstName`, as protobuf's JSON mapping does with its names.
/// WIT writes the words of a name in lower case, or abbreviations in upper case.
fn camel_case(wit: &str) -> String {
    let mut words = wit.split('-');
    let mut camel = words.next().unwrap_or_default().to_ascii_lowercase();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(wit: &[&str]) -> Vec<String> {
        Names::keys(wit.iter().copied()).iter().map(|name| name.json.to_string()).collect()
    }

    #[test]
    fn keys_are_in_lower_camel_case_unless_two_would_be_the_same() {
        let names = ["name", "first-name", "URL", "get-URL", "a-b-c", "utf-8"];
        assert_eq!(json(&names), ["name", "firstName", "url", "getURL", "aBC", "utf8"]);
        assert_eq!(json(&["x-1", "x1", "y"]), ["x-1", "x1", "y"]);
        assert_eq!(json(&["get-URL", "get-u-r-l"]), ["get-URL", "get-u-r-l"]);
    }

    #[test]
    fn a_key_is_found_in_both_spellings_and_a_case_in_one() {
        let keys = Names::keys(["a", "first-name"]);
        assert_eq!(
            ["first-name", "firstName", "FirstName"].map(|k| keys.find(k)),
            [Some(1), Some(1), None]
        );
        let cases = Names::cases(["not-found", "denied"]);
        assert_eq!(["not-found", "notFound"].map(|k| cases.find(k)), [Some(0), None]);
    }

    #[test]
    fn what_is_nearly_a_name_is_suggested() {
        let names = Names::keys(["name", "first-name", "s", "l"]);
        for (typed, meant) in [
            ("nmae", Some("name")),
            ("NAME", Some("name")),
            ("first_name", Some("firstName")),
            ("xl", None),
            ("address", None),
            ("", None),
        ] {
            assert_eq!(names.near(typed), meant, "{typed}");
        }
        assert_eq!(names.near(&"n".repeat(100_000)), None);
    }
}
