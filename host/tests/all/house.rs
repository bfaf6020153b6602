//! What the house promises of itself: its dependencies, its documentation.

use clap::CommandFactory as _;
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

#[test]
fn every_setting_has_a_line_in_the_operators_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operating.md");
    let page = std::fs::read_to_string(page).unwrap();
    let command = Cli::command();
    let runtime = command.find_subcommand("runtime").unwrap();
    for argument in runtime.get_arguments().filter(|argument| argument.get_id() != "help") {
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

#[test]
fn the_command_line_fits_together() {
    Cli::command().debug_assert();
}
