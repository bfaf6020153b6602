//! The guests that `cargo xtask guests` built, and the cases they must meet.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The root of the repository.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("tests/ is in the repository").to_owned()
}

/// The file of a built guest, such as `hello.rust`.
///
/// # Panics
///
/// If it is not built, or older than its sources.
pub fn path(name: &str) -> PathBuf {
    let root = repository();
    let file = root.join("target/guests").join(name).with_added_extension("wasm");
    let built = modified(&file).unwrap_or_else(|| {
        panic!("{} is not built: run `cargo xtask guests`", file.display());
    });
    let newest = sources(name).iter().map(|folder| newest(&root.join(folder))).max();
    let newest = newest.expect("a guest has sources");
    assert!(
        built >= newest,
        "{} is older than its sources: run `cargo xtask guests`",
        file.display()
    );
    file
}

/// Where the sources of a guest are: those in Rust are one workspace, others alone.
fn sources(name: &str) -> Vec<String> {
    match name.rsplit_once('.') {
        Some((behaviour, language @ "assemblyscript")) => {
            let guest = format!("guests/{behaviour}/{language}");
            vec![guest, "sdk-assemblyscript".to_owned(), "wit".to_owned()]
        }
        Some((behaviour, language)) if !language.starts_with("rust") && language != "wstd" => {
            let mut sources = vec![format!("guests/{behaviour}/{language}"), "wit".to_owned()];
            if ["javascript", "python"].contains(&language) {
                sources.push(format!("sdk-{language}"));
            }
            sources
        }
        _ => ["guests", "sdk-rust", "wit"].map(str::to_owned).to_vec(),
    }
}

/// Whether a guest is built, of those that are not built everywhere.
pub fn is_built(name: &str) -> bool {
    repository().join("target/guests").join(name).with_added_extension("wasm").is_file()
}

/// Languages of guests, and ecosystems that are none of their own. Only the first is built everywhere.
pub const LANGUAGES: [&str; 8] =
    ["rust", "assemblyscript", "c", "javascript", "python", "go", "wstd", "componentize-js"];

/// The bytes of a built guest.
///
/// # Panics
///
/// As [`path`].
pub fn read(name: &str) -> Vec<u8> {
    fs::read(path(name)).expect("it is there")
}

/// Every guest with its cases: name, cases.
///
/// # Panics
///
/// If a guest has no cases, or wrong ones.
pub fn all() -> Vec<(String, Vec<Case>)> {
    let mut guests = Vec::new();
    for entry in fs::read_dir(repository().join("guests")).expect("guests/").flatten() {
        let behaviour = entry.file_name().into_string().expect("a name in ASCII");
        for language in LANGUAGES {
            if entry.path().join(language).is_dir() {
                let guest = format!("{behaviour}.{language}");
                let cases = entry.path().join("cases.json");
                let text = fs::read_to_string(&cases)
                    .unwrap_or_else(|e| panic!("{}: {e}", cases.display()));
                let cases = serde_json::from_str(&text)
                    .unwrap_or_else(|e| panic!("{}: {e}", cases.display()));
                guests.push((guest, cases));
            }
        }
    }
    guests.sort_by(|a, b| a.0.cmp(&b.0));
    guests
}

/// Whether `cargo xtask guests` builds a guest here; says so if not. AssemblyScript and JavaScript need
/// Node.js 20.
#[expect(clippy::print_stderr, reason = "who reads the tests' output sees what was not tested")]
pub fn can_build(guest: &str) -> bool {
    let node = || {
        let output = Command::new("node").arg("--version").output().ok()?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        version.trim_start_matches('v').split('.').next()?.parse::<u32>().ok()
    };
    let scripted = guest.ends_with(".assemblyscript") || guest.ends_with(".javascript");
    let can = !scripted || node() >= Some(20);
    if !can {
        eprintln!("skipped {guest}: no Node.js 20 here");
    }
    can
}

/// A behaviour in Rust and in AssemblyScript, as far as they can be built here, for tests that no
/// `cases.json` can hold.
#[must_use]
pub fn in_each_language(behaviour: &str) -> Vec<String> {
    let names = ["rust", "assemblyscript"].map(|language| format!("{behaviour}.{language}"));
    names.into_iter().filter(|name| can_build(name)).collect()
}

/// One case of a `cases.json`; `guests/README.md` explains the fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, in words.
    pub name: String,
    /// The guest that a middleware is around, such as `hello.rust`.
    #[serde(default)]
    pub around: Option<String>,
    /// The `main` of the `/init`.
    #[serde(default = "no_name")]
    pub main: String,
    /// The `value` of the `/run`.
    pub parameters: Value,
    /// The `env` of the `/init`.
    #[serde(default)]
    pub environment: Map<String, Value>,
    /// The HTTP status of the reply.
    #[serde(default = "ok")]
    pub status: u16,
    /// The whole body of the reply; `"$number"`, `"$string"` and `"$any"` stand
    /// for anything of that kind.
    pub result: Value,
    /// What it prints to stdout.
    #[serde(default = "nothing")]
    pub stdout: Value,
    /// What it prints to stderr.
    #[serde(default = "nothing")]
    pub stderr: Value,
}

/// What OpenWhisk sends where the developer named no function.
fn no_name() -> String {
    "main".to_owned()
}

fn ok() -> u16 {
    200
}

fn nothing() -> Value {
    Value::from("")
}

/// Whether a reply is as a case expects it.
pub fn matches(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::String(any), _) if any == "$any" => true,
        (Value::String(number), Value::Number(_)) if number == "$number" => true,
        (Value::String(string), Value::String(_)) if string == "$string" => true,
        (Value::Object(expected), Value::Object(actual)) => {
            expected.len() == actual.len()
                && expected.iter().all(|(key, expected)| {
                    actual.get(key).is_some_and(|actual| matches(expected, actual))
                })
        }
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len()
                && expected.iter().zip(actual).all(|(expected, actual)| matches(expected, actual))
        }
        _ => expected == actual,
    }
}

fn newest(path: &Path) -> SystemTime {
    let own = modified(path).unwrap_or(SystemTime::UNIX_EPOCH);
    let Ok(entries) = fs::read_dir(path) else { return own };
    // A folder's own time changes with what a build leaves there: only files count. Hostile guests
    // are assembled when they are read.
    let others = |path: &PathBuf| {
        !["target", "node_modules", "__pycache__", "guests/hostile", "README.md"]
            .iter()
            .any(|other| path.ends_with(other))
    };
    let files = entries.flatten().map(|entry| entry.path()).filter(others);
    files.map(|path| newest(&path)).max().unwrap_or(SystemTime::UNIX_EPOCH)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
