//! `wow new`: a project to begin with.

mod template;

use super::{Exit, complain};
use crate::project::Project;
use anyhow::{Context as _, bail, ensure};
use std::io::Write as _;
use std::path::Path;
use template::PREBUILT;

/// Begin a project: a folder with an action that answers
///
/// Nothing is installed and nothing is fetched. The SDK of the language is a part of the
/// project. In AssemblyScript the action is built already, so that `wow run` and `wow dev`
/// answer at once. Exit status: 0 if the project is there, 1 if it cannot be, 2 if the host failed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: wow new hello && cd hello && wow run -p name Ada")]
pub(super) struct New {
    /// The project's name, and its folder's: letters a to z, digits and `-`
    name: String,

    /// The language
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
}

/// The languages that there are templates of.
#[derive(Clone, Copy, Debug, Default, PartialEq, clap::ValueEnum)]
enum Language {
    #[default]
    Assemblyscript,
    #[value(alias = "js")]
    Javascript,
    Python,
    Rust,
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Self::Assemblyscript => "AssemblyScript",
            Self::Javascript => "JavaScript",
            Self::Python => "Python",
            Self::Rust => "Rust",
        }
    }

    /// What has to be installed to build it.
    fn needs(self) -> &'static str {
        match self {
            Self::Assemblyscript | Self::Javascript => "Node.js 20",
            Self::Python => "Python 3 with `venv`",
            Self::Rust => "Rust, and `rustup target add wasm32-wasip2`",
        }
    }

    /// The template's component, where it comes with this program.
    fn prebuilt(self) -> Option<&'static [u8]> {
        match self {
            Self::Assemblyscript => Some(PREBUILT),
            Self::Javascript | Self::Python | Self::Rust => None,
        }
    }
}

/// The longest name: npm's is 214 characters, that of a file 255 bytes; this is for people.
const LONGEST_NAME: usize = 64;

/// Names that the project's own dependency has, or that npm refuses.
const TAKEN: [&str; 3] = ["wow-action", "node-modules", "sdk"];

impl New {
    pub(super) fn execute(self) -> Exit {
        if let Err(error) = check(&self.name).and_then(|()| self.begin(Path::new(&self.name))) {
            return complain(&error, Exit::Yours);
        }
        match std::io::stdout().write_all(self.next_steps().as_bytes()) {
            Ok(()) => Exit::Fine,
            Err(error) => complain(&error.into(), Exit::Ours),
        }
    }

    fn begin(&self, folder: &Path) -> anyhow::Result<()> {
        let name = &self.name;
        let is_free = match std::fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(_) => !folder.exists(),
        };
        ensure!(
            is_free,
            "there is something in `{name}` already\n\nhint: choose another name, or remove it"
        );
        for (path, contents) in template::files(self.lang, name) {
            write(&folder.join(path), &contents)?;
        }
        if let Some(component) = self.lang.prebuilt() {
            Project::find(folder)?.write(component)?;
        }
        Ok(())
    }

    fn next_steps(&self) -> String {
        let Self { name, lang } = self;
        let (language, needs) = (lang.name(), lang.needs());
        let mut steps = format!("{name}: an action in {language}\n\n  cd {name}\n");
        if lang.prebuilt().is_none() {
            steps += &format!("  wow build              # needs {needs}\n");
        }
        steps += "  wow run -p name Ada\n";
        let needed =
            if lang.prebuilt().is_some() { format!("; needs {needs}") } else { String::new() };
        steps += &format!(
            "  wow dev                # serves it, builds it again on every change{needed}\n"
        );
        steps
    }
}

fn write(file: &Path, contents: &[u8]) -> anyhow::Result<()> {
    let folder = file.parent().context("a file is in a folder")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(file, contents))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Refuses what would not be a name for npm, for cargo, for OpenWhisk and for a folder.
fn check(name: &str) -> anyhow::Result<()> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let wrong = if name.is_empty() {
        "it is empty".to_owned()
    } else if name.len() > LONGEST_NAME {
        format!("it has {} characters, more than {LONGEST_NAME}", name.len())
    } else if let Some(other) =
        name.chars().find(|other| !other.is_ascii() || !letters(*other as u8))
    {
        format!("it has {other:?} in it")
    } else if !name.starts_with(|first: char| first.is_ascii_lowercase()) || name.ends_with('-') {
        "it begins with a letter, and ends with a letter or a digit".to_owned()
    } else if TAKEN.contains(&name) {
        "the project has a part of that name".to_owned()
    } else {
        return Ok(());
    };
    bail!("{name:?} cannot name a project: {wrong}\n\nhint: use letters a to z, digits and `-`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_everywhere() {
        for name in ["demo", "a", "my-action-2", &"a".repeat(LONGEST_NAME)] {
            assert!(check(name).is_ok(), "{name}");
        }
        let long = "a".repeat(LONGEST_NAME + 1);
        let wrong = ["", "Demo", "a_b", "1st", "-a", "a-", "../a", "ä", "a b", "wow-action", &long];
        let refusals = wrong.map(|name| check(name).expect_err("wrong").to_string());
        insta::assert_snapshot!(refusals.join("\n\n"));
    }
}
