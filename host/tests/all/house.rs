//! What the house promises of itself: its dependencies, its documentation.

use clap::CommandFactory as _;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use wow::cli::Cli;

#[test]
fn the_host_links_no_compiler() {
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
    let tree = Command::new(cargo)
        .args(["tree", "--locked", "--offline", "-p", "wow", "-e", "normal", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("wasmtime v48."), "this is the tree: {tree}");
    assert!(!tree.contains("wasmtime-internal-cranelift"), "{tree}");
    assert!(!tree.contains("cranelift-codegen v"), "{tree}");
}

/// What one engine made means nothing to another (GHSA-hgjw-h833-99q9).
#[test]
fn x_05_the_host_makes_its_engine_in_one_place() {
    let mut places = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let source = String::from_utf8_lossy(&bytes);
            let code = source.split("#[cfg(test)]").next().unwrap();
            if code.contains("Engine::new(") {
                places.push(path.file_name().unwrap().to_owned());
            }
        }
    }
    assert_eq!(places, ["engine.rs"]);
    let library = include_str!("../../src/library/mod.rs");
    assert_eq!(library.matches("Machinery::new(").count(), 1, "and a library has one");
}

#[test]
fn every_setting_has_a_line_in_the_operators_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operating.md");
    let page = std::fs::read_to_string(page).unwrap();
    let command = Cli::command();
    let servers = ["runtime", "executor"].map(|name| command.find_subcommand(name).unwrap());
    let arguments = servers.into_iter().flat_map(|server| server.get_arguments());
    for argument in arguments.filter(|argument| argument.get_id() != "help") {
        let flag = argument.get_long().unwrap();
        let variable = argument.get_env().unwrap().to_str().unwrap();
        let help = argument.get_help().unwrap().to_string();
        let default = help.split("[default: ").nth(1).map(|rest| rest.trim_end_matches(']'));
        let line = page.lines().find(|line| line.starts_with(&format!("| `--{flag}` |")));
        let line = line.unwrap_or_else(|| panic!("--{flag} has no line"));
        assert!(line.contains(&format!("`{variable}`")), "{line}");
        let default =
            default.unwrap_or("none").replace("wow-compile beside this program", "beside `wow`");
        assert!(line.contains(&default), "{line}: {default}");
    }
}

/// The sources of constants that users can run into.
const SOURCES: &[&str] = &[
    include_str!("../../docker-cli/src/control.rs"),
    include_str!("../../docker-cli/src/record.rs"),
    include_str!("../../src/activation.rs"),
    include_str!("../../src/body.rs"),
    include_str!("../../src/compose/sequence.rs"),
    include_str!("../../src/capabilities/http/budget.rs"),
    include_str!("../../src/capabilities/http/dial.rs"),
    include_str!("../../src/engine.rs"),
    include_str!("../../src/executor/control.rs"),
    include_str!("../../src/executor/logs.rs"),
    include_str!("../../src/leaving.rs"),
    include_str!("../../src/limits/memory.rs"),
    include_str!("../../src/limits/mod.rs"),
    include_str!("../../src/limits/time.rs"),
    include_str!("../../src/logs/mod.rs"),
    include_str!("../../src/outcome.rs"),
    include_str!("../../src/package.rs"),
    include_str!("../../src/program.rs"),
    include_str!("../../src/protocol/json.rs"),
    include_str!("../../src/server/connections.rs"),
    include_str!("../../src/typed/mod.rs"),
];

#[test]
fn every_limit_has_a_line_in_its_page_with_the_default_that_holds() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/limits.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = || page.lines().filter(|line| line.starts_with("| "));
    let mut constants = 0;
    for (name, value) in SOURCES.iter().flat_map(|source| source.lines()).filter_map(constant) {
        let row = rows().find(|row| row.starts_with(&format!("| `{name}`")));
        let row = row.unwrap_or_else(|| panic!("{name} has no line"));
        assert_eq!(row.split(" | ").nth(1), Some(value.to_string().as_str()), "{name}");
        constants += 1;
    }
    assert_eq!(rows().filter(|row| row.starts_with("| `")).count(), constants, "one that is gone");
    // What can be set names its flag, and the flag says the default.
    let command = Cli::command();
    let runtime = command.find_subcommand("runtime").unwrap();
    for flag in ["memory", "timeout", "cpu-time", "instances", "result-size", "logsize"] {
        let flags = runtime.get_arguments();
        let argument = flags.into_iter().find(|argument| argument.get_long() == Some(flag));
        let help = argument.unwrap().get_help().unwrap().to_string();
        let (_, default) = help.split_once("[default: ").unwrap();
        let default = default.trim_end_matches(']');
        let of_flag = |row: &&str| {
            let cells: Vec<_> = row.split(" | ").collect();
            cells[3].contains(&format!("`--{flag}`")) && cells[1].starts_with(default)
        };
        assert!(rows().any(|row| of_flag(&row)), "--{flag} is {default}");
    }
}

/// The name and the value of a constant that says `MOST`, `LARGEST`, `DEEPEST` or `STACK`, in its
/// unit: durations in milliseconds.
fn constant(line: &str) -> Option<(&str, usize)> {
    let (_, line) = line.split_once("const ")?;
    let (name, rest) = line.split_once(": ")?;
    let is_limit = ["MOST_", "LARGEST_", "DEEPEST_", "WASM_STACK"];
    if !is_limit.iter().any(|start| name.starts_with(start)) {
        return None;
    }
    let (_, value) = rest.split_once(" = ")?;
    let value = value.trim_end_matches(';').trim_start_matches("Duration::from_millis(");
    let value = value.trim_end_matches(')').replace('_', "");
    Some(match value.split_once(" << ") {
        Some((number, shift)) => {
            (name, number.parse::<usize>().unwrap() << shift.parse::<u32>().unwrap())
        }
        None => (name, value.parse().unwrap()),
    })
}

#[test]
fn every_hostile_case_of_the_security_page_has_a_test_and_every_test_of_one_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let promises = page.lines().filter(|line| line.starts_with("| P"));
    let cases = promises.flat_map(|line| line.rsplit(" | ").next().unwrap().split_whitespace());
    let promised: BTreeSet<_> = cases.filter(|word| *word != "|").map(str::to_owned).collect();
    let mut tested = BTreeSet::new();
    for folder in ["host", "tests"] {
        cases_below(&root.join(folder), &mut tested);
    }
    assert!(tested.len() > 50, "only {tested:?}");
    assert_eq!(promised, tested);
}

/// The ids in the names of the tests of a folder: `e_01_…` is E-01.
fn cases_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            cases_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let names = source.lines().filter_map(|line| line.trim_start().split_once("fn "));
            found.extend(names.filter_map(|(_, name)| case(name)));
        }
    }
}

fn case(name: &str) -> Option<String> {
    let (letter, rest) = name.split_once('_')?;
    let (number, _) = rest.split_once('_')?;
    let is_id = ["c", "e", "f", "g", "i", "k", "o", "s", "x"].contains(&letter)
        && number.len() == 2
        && number.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| format!("{}-{number}", letter.to_uppercase()))
}

#[test]
fn the_command_line_fits_together() {
    Cli::command().debug_assert();
}
