//! The table in `guests/README.md` of what the guests weigh and take, by behaviour and language.
//! The test run measures; `cargo xtask guests --table` writes.

use crate::guests::{LANGUAGES, repository};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

/// Where the test run leaves what it measured.
const FOUND: &str = "target/guests/table.json";
const README: &str = "guests/README.md";
/// What is before and behind the table.
const MARKS: [&str; 2] = ["<!-- written by `cargo xtask guests --table` -->\n", "<!-- the end -->"];

/// What one guest weighs and takes.
#[derive(Debug, Deserialize, Serialize)]
pub struct Measured {
    /// Such as `hello.rust`.
    pub guest: String,
    /// The component.
    pub bytes: usize,
    /// Milliseconds of an `/init` whose code is on disk.
    pub init: f64,
    /// Milliseconds of a warm `/run`.
    pub run: f64,
}

/// Leaves what was measured for [`Table::update`].
///
/// # Panics
///
/// If it cannot be written.
pub fn write(measured: &[Measured]) {
    let text = serde_json::to_string_pretty(measured).expect("numbers and names");
    fs::write(repository().join(FOUND), text).expect("target/guests is there");
}

/// The table: a cell for each guest.
#[derive(Debug, PartialEq)]
pub struct Table(BTreeMap<String, String>);

impl Table {
    /// The committed one.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn read() -> Self {
        let text = fs::read_to_string(readme()).expect("guests/README.md");
        Self::parse(split(&text)[1])
    }

    /// The bytes of a guest, as exactly as the table has them.
    pub fn bytes(&self, guest: &str) -> Option<usize> {
        let (kilobytes, _) = self.0.get(guest)?.split_once(" KB")?;
        let kilobytes: f64 = kilobytes.parse().ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a file's size"
        )]
        Some((kilobytes * 1000.0) as usize)
    }

    /// Puts what the last test run measured into the committed table. What it did not, stays.
    ///
    /// # Errors
    ///
    /// If there was no test run.
    pub fn update() -> std::io::Result<()> {
        let found = fs::read_to_string(repository().join(FOUND))?;
        let found: Vec<Measured> = serde_json::from_str(&found)?;
        let mut table = Self::read();
        let here = |guest: &str| {
            let (behaviour, language) = guest.split_once('.').expect("a guest has a language");
            repository().join("guests").join(behaviour).join(language).is_dir()
        };
        table.0.retain(|guest, _| here(guest));
        table.0.extend(found.iter().map(|guest| (guest.guest.clone(), cell(guest))));
        let text = fs::read_to_string(readme())?;
        let [before, _, after] = split(&text);
        fs::write(readme(), format!("{before}{}{after}", table.text()))
    }

    fn parse(text: &str) -> Self {
        let mut rows = text.lines().filter(|line| line.starts_with('|')).map(cells);
        let languages = rows.next().unwrap_or_default();
        let mut table = BTreeMap::new();
        for row in rows.skip(1) {
            let guests = languages.iter().zip(&row).skip(1).filter(|(_, cell)| !cell.is_empty());
            table.extend(guests.map(|(language, cell)| {
                (format!("{}.{language}", row[0].trim_matches('`')), (*cell).to_owned())
            }));
        }
        Self(table)
    }

    fn text(&self) -> String {
        let mut text =
            format!("| | {} |\n|{}\n", LANGUAGES.join(" | "), "---|".repeat(LANGUAGES.len() + 1));
        let mut behaviours: Vec<_> =
            self.0.keys().filter_map(|guest| guest.split_once('.')).map(|(name, _)| name).collect();
        behaviours.dedup();
        for behaviour in behaviours {
            let cell = |language: &&str| {
                self.0.get(&format!("{behaviour}.{language}")).map_or("", String::as_str)
            };
            let cells: Vec<_> = LANGUAGES.iter().map(cell).collect();
            writeln!(text, "| `{behaviour}` | {} |", cells.join(" | ")).expect("a text takes all");
        }
        text
    }
}

/// `93.4 KB, 1.2, 0.30`: kilobytes, milliseconds of `/init`, milliseconds of `/run`.
fn cell(guest: &Measured) -> String {
    #[expect(clippy::cast_precision_loss, reason = "some MB")]
    let kilobytes = guest.bytes as f64 / 1000.0;
    format!("{kilobytes:.1} KB, {:.1}, {:.2}", guest.init, guest.run)
}

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

/// What is before the table, the table, and what is behind it.
fn split(readme: &str) -> [&str; 3] {
    let [start, end] = MARKS.map(|mark| readme.find(mark).expect("the README has the marks"));
    let start = start + MARKS[0].len();
    [&readme[..start], &readme[start..end], &readme[end..]]
}

fn readme() -> PathBuf {
    repository().join(README)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_read_is_the_one_that_was_written() {
        let guest =
            |guest: &str, bytes| Measured { guest: guest.to_owned(), bytes, init: 1.25, run: 0.3 };
        let guests =
            [guest("hello.c", 14_182), guest("add.rust", 99_923), guest("add.c", 18_568_027)];
        let table = Table(guests.iter().map(|guest| (guest.guest.clone(), cell(guest))).collect());
        assert_eq!(Table::parse(&table.text()), table);
        assert_eq!(table.bytes("add.c"), Some(18_568_000));
        assert_eq!(table.bytes("hello.c"), Some(14_200));
        assert_eq!(table.bytes("hello.rust"), None);
    }
}
