//! The commands that people copy: every `sh` block of the README and the quickstart is run, in order, in one
//! shell, as in one terminal. A `text` block behind one is what it prints.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use wow_tests::guests::repository;
use wow_tests::process::programs;

/// Commands that are not run here, and why.
const NOT_HERE: [(&str, &str); 2] = [
    ("cargo xtask demo", "it sets a whole machine up, and CI runs it"),
    ("cargo xtask test", "it is what runs this test"),
];

/// What a block with such a command needs that not every machine has.
const NEEDS: [(&str, &str); 3] = [("curl ", "curl"), ("zip ", "zip"), ("wow build", "npm")];

/// Where the pages have their servers listen; here it is a port that is free.
const ADDRESS: &str = "127.0.0.1:8080";

/// The terminal of `wow dev` is left open while the next block is run in another.
const OTHER_TERMINAL: &str = "wow dev\n";

/// Stands between the outputs of blocks.
const END: &str = "\u{1e}";

struct Block {
    commands: String,
    output: Option<String>,
}

/// The `sh` blocks of a page.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut fences = page.split("\n```");
    let mut between = fences.next().unwrap_or_default();
    while let Some(fence) = fences.next() {
        let (language, text) = fence.split_once('\n').expect("a fence has lines");
        match language {
            "sh" => blocks.push(Block { commands: format!("{text}\n"), output: None }),
            "text" if between.trim().is_empty() => {
                blocks.last_mut().expect("an output has commands").output = Some(text.to_owned());
            }
            _ => {}
        }
        between = fences.next().expect("a block ends");
    }
    blocks
}

/// One script of all blocks, each followed by a mark.
fn script(blocks: &[Block], address: &str) -> String {
    let wait = |request: &str| {
        format!(
            "for i in $(seq 600); do curl -s{request} http://{address} && break; sleep 0.05; done"
        )
    };
    // What listens, and what has its action.
    let (listens, serves) = (wait("o /dev/null"), wait("fo /dev/null -d {}"));
    let mut script = "set -eu\nopen=''\ntrap '[ -z \"$open\" ] || kill $open' EXIT\n".to_owned();
    for Block { commands, .. } in blocks {
        if commands == OTHER_TERMINAL {
            script += &format!("wow dev >&2 &\nopen=$! other=$!\n{serves}\n");
        } else {
            for line in commands.lines().filter(|line| !is_elsewhere(line)) {
                script += &format!("{line}\n");
                if line.ends_with('&') {
                    script += &format!("open=\"$open $!\"\n{listens}\n");
                }
            }
            script += "[ -z \"${other:-}\" ] || { kill $other; wait $other; open='' other=''; }\n";
        }
        script += &format!("printf '%s' '{END}'\n");
    }
    script.replace(ADDRESS, address)
}

fn is_elsewhere(line: &str) -> bool {
    let command = line.split('#').next().unwrap_or_default().trim();
    NOT_HERE.iter().any(|(known, _)| *known == command)
}

/// The blocks before the first that needs what is not here; says so.
#[expect(clippy::print_stderr, reason = "who reads the tests' output sees what was not tested")]
fn possible(page: &str, mut blocks: Vec<Block>) -> Vec<Block> {
    let is_missing = |program: &str| Command::new(program).arg("--version").output().is_err();
    let missing = |block: &Block| {
        NEEDS.iter().find(|(part, tool)| block.commands.contains(part) && is_missing(tool))
    };
    let first = blocks.iter().position(|block| missing(block).is_some());
    if let Some(first) = first {
        let (_, tool) = missing(&blocks[first]).expect("it was");
        let count = blocks.len() - first;
        eprintln!("skipped the last {count} blocks of {page}: no `{tool}` here");
        blocks.truncate(first);
    }
    blocks
}

/// Runs the blocks of a page in a folder.
fn run(page: &str, folder: &Path) {
    let root = repository();
    let text = fs::read_to_string(root.join(page)).unwrap();
    let blocks = possible(page, blocks(&text));
    assert!(!blocks.is_empty(), "{page} has no commands");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [programs()].into_iter().chain(std::env::split_paths(&path));
    let Output { status, stdout, stderr } = Command::new("sh")
        .args(["-c", &script(&blocks, &free)])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("WOW_LISTEN", &free)
        .env("npm_config_prefer_offline", "true")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{page}: {status}\n{stdout}\n{stderr}");
    let outputs: Vec<_> = stdout.split(END).collect();
    assert_eq!(outputs.len(), blocks.len() + 1, "{stdout}");
    for (block, output) in blocks.iter().zip(outputs) {
        if let Some(expected) = &block.output {
            assert_eq!(output.trim_end(), expected.trim_end(), "{page}: {}", block.commands);
        }
    }
}

#[test]
fn what_the_readme_says_to_type_works() {
    let clone = tempfile::tempdir().unwrap();
    // What the commands write is not left in the repository.
    for entry in fs::read_dir(repository()).unwrap().flatten() {
        symlink(entry.path(), clone.path().join(entry.file_name())).unwrap();
    }
    run("README.md", clone.path());
}

#[test]
fn what_the_quickstart_says_to_type_works() {
    let nothing = tempfile::tempdir().unwrap();
    run("docs/quickstart.md", nothing.path());
}

/// The page of each language, the mark of its blocks, and the function that a new project has.
const FIRST_FUNCTIONS: [(&str, &str, &str); 4] = [
    ("assemblyscript", "ts", "assemblyscript/assembly/index.ts"),
    ("javascript", "js", "javascript/action.js"),
    ("python", "python", "python/app.py"),
    ("rust", "rust", "rust/src/lib.rs"),
];

#[test]
fn a_new_project_has_the_function_of_its_languages_page() {
    for (language, mark, file) in FIRST_FUNCTIONS {
        let read = |path: String| fs::read_to_string(repository().join(path)).unwrap();
        let page = read(format!("docs/writing-an-action/{language}.md"));
        let source = read(format!("host/src/cli/new/templates/{file}"));
        // The page has the tests of the one in Rust further down.
        let function = source.split("\n#[cfg(test)]").next().unwrap().trim();
        let block = format!("\n```{mark}\n{function}\n```\n");
        assert!(page.contains(&block), "{language}: {block}");
    }
}

#[test]
fn what_is_not_run_is_still_in_a_page() {
    let page = fs::read_to_string(repository().join("README.md")).unwrap();
    for (command, why) in NOT_HERE {
        assert!(page.lines().any(is_elsewhere), "`{command}`: {why}");
        assert!(page.contains(command), "`{command}` is in no page any more");
    }
}
