//! Docker's command line: options in any order, in every form that its own parser
//! takes (`--key value`, `--key=value`, `-k value`, `-kvalue`, `-abc`). Options that
//! nobody knows are kept apart and end nothing: OpenWhisk's operators add their own
//! (`whisk.container-factory.container-args.extra-args`), each as `--key value`.

/// Which options a command has.
#[derive(Debug)]
pub(crate) struct Grammar {
    /// Options without a value.
    pub(crate) flags: &'static [&'static str],
    /// Options with a value.
    pub(crate) values: &'static [&'static str],
    /// Letters of options that have one.
    pub(crate) letters: &'static [(char, &'static str)],
    /// Whether what follows the first word is a command of the container's.
    pub(crate) first_word_ends: bool,
}

/// A command line, read.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Arguments {
    options: Vec<(&'static str, String)>,
    /// What is no option: images, containers.
    pub(crate) words: Vec<String>,
    /// Options that the grammar does not have, as they were typed.
    pub(crate) unknown: Vec<String>,
}

impl Arguments {
    /// Whether a flag is set.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value == "true")
    }

    /// An option's value; the last one counts.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let last = self.options.iter().rev().find(|(known, _)| *known == name);
        last.map(|(_, value)| value.as_str())
    }

    /// All values of an option that can be given more than once.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.options.iter().filter(move |(known, _)| *known == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// Reads a command line.
pub(crate) fn read(line: &[String], grammar: &Grammar) -> Result<Arguments, String> {
    let mut read = Arguments::default();
    let mut place = 0;
    while let Some(word) = line.get(place) {
        place += 1;
        if word == "--" {
            read.words.extend_from_slice(&line[place..]);
            break;
        }
        if let Some(long) = word.strip_prefix("--") {
            place += read_long(&mut read, long, &line[place..], grammar)?;
        } else if word.len() > 1 && word.starts_with('-') {
            place += read_letters(&mut read, &word[1..], &line[place..], grammar)?;
        } else {
            read.words.push(word.clone());
            if grammar.first_word_ends {
                read.words.extend_from_slice(&line[place..]);
                break;
            }
        }
    }
    Ok(read)
}

/// Reads one `--option`, and says how many of the next words were its value.
fn read_long(
    read: &mut Arguments,
    option: &str,
    next: &[String],
    grammar: &Grammar,
) -> Result<usize, String> {
    let (name, inline) = match option.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (option, None),
    };
    let find = |known: &[&'static str]| known.iter().find(|known| **known == name).copied();
    if let Some(flag) = find(grammar.flags) {
        read.options.push((flag, inline.unwrap_or("true").to_owned()));
        return Ok(0);
    }
    let Some(key) = find(grammar.values) else {
        read.unknown.push(format!("--{option}"));
        return Ok(usize::from(inline.is_none() && is_value(read, next)));
    };
    take(read, key, inline, next, &format!("--{name}"))
}

/// Reads `-x`, `-xyz`, `-xVALUE` or `-x VALUE`, as [`read_long`] does.
fn read_letters(
    read: &mut Arguments,
    cluster: &str,
    next: &[String],
    grammar: &Grammar,
) -> Result<usize, String> {
    for (place, letter) in cluster.char_indices() {
        let rest = &cluster[place + letter.len_utf8()..];
        let known = grammar.letters.iter().find(|(known, _)| *known == letter);
        let Some((_, name)) = known else {
            read.unknown.push(format!("-{letter}{rest}"));
            return Ok(usize::from(rest.is_empty() && is_value(read, next)));
        };
        if grammar.flags.contains(name) {
            read.options.push((name, "true".to_owned()));
            continue;
        }
        let inline = (!rest.is_empty()).then(|| rest.strip_prefix('=').unwrap_or(rest));
        return take(read, name, inline, next, &format!("-{letter}"));
    }
    Ok(0)
}

/// Whether the word after an unknown option is its value: the last word of all is
/// the image or the container, unless there is one already.
fn is_value(read: &Arguments, next: &[String]) -> bool {
    let Some(word) = next.first() else { return false };
    !word.starts_with('-') && (next.len() > 1 || !read.words.is_empty())
}

fn take(
    read: &mut Arguments,
    key: &'static str,
    inline: Option<&str>,
    next: &[String],
    typed: &str,
) -> Result<usize, String> {
    let value = inline.map(str::to_owned).or_else(|| next.first().cloned());
    let value = value.ok_or_else(|| format!("the option `{typed}` needs a value"))?;
    read.options.push((key, value));
    Ok(usize::from(inline.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: Grammar = Grammar {
        flags: &["detach", "interactive"],
        values: &["env", "name"],
        letters: &[('d', "detach"), ('i', "interactive"), ('e', "env")],
        first_word_ends: true,
    };

    fn read_line(line: &str) -> Arguments {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        read(&words, &GRAMMAR).unwrap()
    }

    #[test]
    fn every_form_of_an_option_is_the_same_option() {
        for line in ["--env A=1", "--env=A=1", "-e A=1", "-eA=1", "-e=A=1", "-die A=1"] {
            let read = read_line(&format!("{line} image"));
            assert_eq!(read.value("env"), Some("A=1"), "{line}");
            assert_eq!((read.words, read.unknown), (vec!["image".to_owned()], vec![]), "{line}");
        }
    }

    #[test]
    fn an_unknown_option_takes_a_value_but_never_the_image() {
        let unknown = |line: &str| {
            let read = read_line(line);
            (read.words.join(" "), read.unknown.join(" "), read.value("name").map(str::to_owned))
        };
        let expected =
            |name: Option<&str>| ("image".to_owned(), "--gpus".to_owned(), name.map(str::to_owned));
        assert_eq!(unknown("--gpus all image"), expected(None));
        assert_eq!(unknown("--gpus image"), expected(None));
        assert_eq!(unknown("--gpus --name n image"), expected(Some("n")));
        assert_eq!(unknown("--name n --gpus all image"), expected(Some("n")));
    }

    #[test]
    fn what_follows_the_image_is_no_option() {
        let read = read_line("-d image sh -c true --name x");
        assert_eq!(read.words, ["image", "sh", "-c", "true", "--name", "x"]);
        assert_eq!(read.value("name"), None);
    }

    #[test]
    fn a_missing_value_is_said() {
        let line = ["--name".to_owned()];
        assert_eq!(read(&line, &GRAMMAR).unwrap_err(), "the option `--name` needs a value");
    }

    #[test]
    fn a_flag_can_be_taken_back() {
        assert!(read_line("-d image").flag("detach"));
        assert!(!read_line("-d --detach=false image").flag("detach"));
    }
}
