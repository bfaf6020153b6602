//! What `wow` does when it serves: which functions run, how often, and which way they go. The
//! compiler shapes a release by it. It is recorded by hand (`cargo xtask profile`) and kept in
//! the repository, as docs/decisions/0014 says.

use super::{STATIC, order, target};
use crate::bench::codes::{Codes, RUN, first_call, post};
use crate::bench::{load, peers};
use crate::{cargo_command, command, guests, root};
use anyhow::{Context as _, ensure};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wow_tests::client;
use wow_tests::executor::Executor;
use wow_tests::process::{Runtime, programs};

/// How often each block of `wow` ran, as LLVM writes it down.
const PROFILE: &str = "host/wow.profdata";

/// How many processes are started for a first call.
const STARTS: usize = 20;
/// How many containers the executor has.
const CONTAINERS: usize = 100;
/// How often each action runs over a connection of its own.
const CALLS: usize = 500;

/// What a release is built with.
pub(super) fn flags() -> anyhow::Result<String> {
    let path = root().join(PROFILE);
    // Flags are separated by spaces.
    let text = path.to_str().filter(|text| !text.contains(' '));
    let text = text.with_context(|| format!("{} has a space", path.display()))?;
    // A function that has changed since is compiled as if it were not in the profile.
    Ok(format!("-Cprofile-use={text} -Cllvm-args=-no-pgo-warn-mismatch"))
}

/// Says so if the profile is of other functions than a program's: it is then built as without one,
/// and nothing else tells.
pub(super) fn check(program: &Path) -> anyhow::Result<()> {
    let (built, recorded) = (fs::read(program)?, fs::read(root().join(PROFILE))?);
    let (built, recorded) = (functions(&built), functions(&recorded));
    if !built.is_empty() && built.is_disjoint(&recorded) {
        eprintln!(
            "warning: {PROFILE} does not fit {}: names of functions change with the compiler, and \
             with the features and settings of a build\n\nhint: `cargo xtask profile` records it \
             anew",
            program.display()
        );
    }
    Ok(())
}

/// The mangled names of functions of the crate `wow` in a program, or in a profile. They end with
/// the digits of a hash.
fn functions(bytes: &[u8]) -> BTreeSet<&[u8]> {
    const START: &[u8] = b"_ZN3wow";
    const DIGITS: usize = 16;
    let hash = |bytes: &[u8]| {
        bytes.strip_prefix(b"17h").is_some_and(|rest| {
            rest.get(DIGITS) == Some(&b'E') && rest[..DIGITS].iter().all(u8::is_ascii_hexdigit)
        })
    };
    let begins = bytes.windows(START.len()).enumerate().filter(|(_, bytes)| *bytes == START);
    begins
        .filter_map(|(start, _)| {
            let name = &bytes[start..];
            let end = (0..name.len()).find(|end| name[*end] == 0 || hash(&name[*end..]))?;
            name.get(..end + 3 + DIGITS)
        })
        .collect()
}

/// Builds `wow` with counters, has it serve, and keeps what they say.
pub(crate) fn record() -> anyhow::Result<()> {
    let folder = Path::new("target/profile");
    let wow = instrumented(folder)?;
    crate::programs()?;
    let [compiler, uncounted] = ["wow-compile", "wow"].map(|name| programs().join(name));
    guests::build()?;
    peers::install("wrk")?;
    let codes = Codes::compile(&uncounted, &compiler, &[wow_tests::guests::read("hello.rust")])?;
    let program = |part: &str| {
        let mut program = Command::new(&wow);
        // The one folder where a host may write that has confined itself.
        program.env("LLVM_PROFILE_FILE", codes.cache().join(format!("{part}-%p.profraw")));
        program.env("WOW_CACHE", codes.cache()).env("WOW_COMPILE", &compiler);
        program
    };
    end(Runtime::start_with(&mut program("start"), &[]))?;
    starts(&|| program("first"), &codes.inits[0])?;
    serves(&|| program("serves"))?;
    executes(&|| program("executes"), &codes.inits[0])?;
    let recorded = codes.cache();
    let part =
        |part: &str| Profdata::merge(&recorded, part, &recorded.join(format!("{part}.profdata")));
    let (start, first) = (part("start-")?, part("first-")?);
    let all = Profdata::merge(&recorded, "", &root().join(PROFILE))?;
    // As the linker orders it by the profile alone.
    order::write(&super::shaped("wow", "wow", &[])?, &all, &start, &first)
}

fn instrumented(folder: &Path) -> anyhow::Result<PathBuf> {
    let target = target();
    let mut cargo = cargo_command();
    cargo.args(["build", "--locked", "--release", "--target", &target, "-p", "wow"]);
    cargo.args(["--bin", "wow", "--no-default-features"]).env("CARGO_TARGET_DIR", folder);
    cargo.env("RUSTFLAGS", format!("{STATIC} -Cprofile-generate"));
    command(&mut cargo, "wow with counters")?;
    Ok(folder.join(target).join("release/wow").canonicalize()?)
}

/// New processes, each for a first call.
fn starts(program: &impl Fn() -> Command, init: &[u8]) -> anyhow::Result<()> {
    for _ in 0..STARTS {
        let runtime = Runtime::start_with(&mut program(), &[]);
        first_call(runtime.address, init, RUN)?;
        end(runtime)?;
    }
    Ok(())
}

/// Actions of every shape, one after the other: over new connections, over connections that stay.
fn serves(program: &impl Fn() -> Command) -> anyhow::Result<()> {
    let text = "some text, ❄, \"quoted\" and \\ not ".repeat(100);
    for (guest, parameters) in [
        ("hello.rust", json!({ "name": "Ada" })),
        ("echo.rust", json!({ "text": text, "numbers": [1, 2.5, -3e7, null, true] })),
        ("add.assemblyscript", json!({ "a": 1, "b": 2 })),
        ("sum.rust", json!({ "a": 1, "b": 2 })),
        ("hello.javascript", json!({ "name": "Ada" })),
        ("web.rust", json!({ "__ow_method": "get", "__ow_path": "/x", "q": "a b" })),
        ("program.rust", json!({ "name": "Ada" })),
        ("panic.rust", json!({ "message": "no" })),
    ] {
        eprintln!("== {guest}");
        let runtime = Runtime::start_with(&mut program(), &[]);
        let code = base64_simd::STANDARD.encode_to_string(wow_tests::guests::read(guest));
        let (status, said) = runtime.init(&code);
        ensure!(status == 200, "{guest}: {said}");
        let run = json!({ "value": parameters }).to_string();
        for _ in 0..CALLS {
            client::post(runtime.address, "/run", run.as_bytes())?;
        }
        if guest != "panic.rust" {
            load::post(runtime.address, &run, 16)?;
        }
        end(runtime)?;
    }
    Ok(())
}

/// Containers of the executor, made and called, some of them asleep.
fn executes(program: &impl Fn() -> Command, init: &[u8]) -> anyhow::Result<()> {
    eprintln!("== the executor");
    let folder = tempfile::tempdir()?;
    let mut executor = Executor::start_as(program(), folder.path(), &[]);
    for number in 0..CONTAINERS {
        let name = format!("profile-{number}");
        let container = executor.create(&json!({ "name": name, "image": "wow/profile" }));
        first_call(container.address, init, RUN)?;
        executor.command("POST", &format!("/containers/{name}/pause"));
        executor.command("POST", &format!("/containers/{name}/unpause"));
        post(container.address, "/run", RUN)?;
        executor.remove(&name);
    }
    executor.signal("-TERM");
    ensure!(executor.wait().success(), "the executor did not end well");
    Ok(())
}

/// The counters are written when a process ends by itself.
fn end(mut runtime: Runtime) -> anyhow::Result<()> {
    runtime.terminate();
    ensure!(runtime.wait().success(), "the runtime did not end well");
    Ok(())
}

/// What several processes counted.
pub(super) struct Profdata {
    tool: String,
    file: PathBuf,
}

impl Profdata {
    /// Merges what lies in a folder, of files whose names begin so.
    fn merge(recorded: &Path, part: &str, file: &Path) -> anyhow::Result<Self> {
        let files = fs::read_dir(recorded)?.map(|entry| Ok(entry?.path()));
        let mut files = files.collect::<anyhow::Result<Vec<_>>>()?;
        files.retain(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(part) && name.ends_with(".profraw")
        });
        ensure!(!files.is_empty(), "no process `{part}…` wrote a profile");
        let merges = |tool: &String| {
            let mut merge = Command::new(tool);
            merge.args(["merge", "-sparse", "-o"]).arg(file).args(&files);
            merge.output().is_ok_and(|merged| merged.status.success())
        };
        // One that is older than the compiler's LLVM may not know its format.
        let tool = tools().into_iter().find(merges).context(
            "there is no `llvm-profdata` that reads what rustc writes: `apt-get install llvm-19`, or \
             newer",
        )?;
        let kilobytes = fs::metadata(file)?.len() / 1000;
        println!("{}: {kilobytes} KB, of {} processes", file.display(), files.len());
        Ok(Self { tool, file: file.to_owned() })
    }

    /// Which functions ran, and how often their busiest block.
    pub(super) fn functions(&self) -> anyhow::Result<HashMap<String, u64>> {
        let mut show = Command::new(&self.tool);
        show.args(["show", "--all-functions", "--counts"]).arg(&self.file);
        let shown = show.output().with_context(|| format!("cannot run {}", self.tool))?;
        ensure!(shown.status.success(), "{} cannot read {}", self.tool, self.file.display());
        Ok(counts(&String::from_utf8(shown.stdout)?))
    }
}

/// What `llvm-profdata show` says: a line with the name of each function, and lines below it.
fn counts(shown: &str) -> HashMap<String, u64> {
    let mut counts = HashMap::new();
    let mut function = None;
    for line in shown.lines() {
        let Some(line) = line.strip_prefix("  ") else { continue };
        if let Some(name) = line.strip_suffix(':').filter(|name| !name.starts_with(' ')) {
            // One that only its own file knows has that in front.
            function = Some(name.rsplit(';').next().unwrap_or(name));
        } else if let (Some(name), Some((what, numbers))) =
            (function, line.trim_start().split_once(": "))
            && matches!(what, "Function count" | "Block counts")
        {
            let numbers = numbers.trim_matches(['[', ']']).split(", ");
            let most = numbers.filter_map(|number| number.parse().ok()).max().unwrap_or(0);
            let count: &mut u64 = counts.entry(name.to_owned()).or_default();
            *count = most.max(*count);
        }
    }
    counts.retain(|_, count| *count > 0);
    counts
}

/// What `llvm-profdata` may be called: as LLVM calls it, as Debian does.
fn tools() -> Vec<String> {
    let plain = "llvm-profdata".to_owned();
    let versions = (19..=30).rev().map(|version| format!("llvm-profdata-{version}"));
    std::iter::once(plain).chain(versions).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_told_by_their_names_and_hashes() {
        let bytes =
            b"\0_ZN3wow4main17h0123456789abcdefE\x07_ZN3wow3run17h0123456789abcdefE\0_ZN3wow\0";
        let expected: [&[u8]; 2] =
            [b"_ZN3wow3run17h0123456789abcdef", b"_ZN3wow4main17h0123456789abcdef"];
        assert_eq!(functions(bytes), BTreeSet::from(expected));
        assert!(functions(b"_ZN4wowx17h0123456789abcdefE").is_empty());
    }

    #[test]
    fn what_ran_and_how_often_is_read() {
        let shown = "Counters:\n  a.0;_ZN1a:\n    Hash: 0x07\n    Counters: 2\n    Function count: 3\n    \
                     Block counts: [1, 9]\n  _ZN1b:\n    Function count: 0\n    Block counts: []\n\
                     Instrumentation level: IR\n";
        assert_eq!(counts(shown), HashMap::from([("_ZN1a".to_owned(), 9)]));
    }
}
