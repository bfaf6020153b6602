//! The AssemblyScript SDK with the user's Node.js: its dependencies, its tests, its guests.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, ensure};

const SDK: &str = "sdk-assemblyscript";

/// Whether the language can be built here. The SDK needs Node.js 20 and its npm.
pub(crate) fn is_there() -> bool {
    let major = |program| {
        let output = Command::new(program).arg("--version").output().ok()?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        version.trim_start_matches('v').split('.').next()?.parse::<u32>().ok()
    };
    major("node") >= Some(20) && major("npm").is_some()
}

/// Brings the SDK's dependencies, exactly those of its lock file.
pub(crate) fn install(root: &Path) -> anyhow::Result<()> {
    let sdk = root.join(SDK);
    // npm writes it last.
    let installed = modified(&sdk.join("node_modules/.package-lock.json"));
    if installed
        .is_some_and(|installed| Some(installed) >= modified(&sdk.join("package-lock.json")))
    {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    run(npm.args(["ci", "--no-progress"]).current_dir(&sdk), "npm ci")
}

/// The SDK's own tests.
pub(crate) fn test(root: &Path) -> anyhow::Result<()> {
    install(root)?;
    let mut npm = Command::new("npm");
    run(npm.arg("test").current_dir(root.join(SDK)), "npm test")
}

/// Builds `guests/<behaviour>/assemblyscript` for each, as many at a time as there are processors.
pub(crate) fn build(root: &Path, behaviours: &[String], components: &Path) -> anyhow::Result<()> {
    install(root)?;
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let share = behaviours.len().div_ceil(processors).max(1);
    std::thread::scope(|scope| {
        let builders: Vec<_> = behaviours
            .chunks(share)
            .map(|some| {
                scope.spawn(|| some.iter().try_for_each(|one| guest(root, one, components)))
            })
            .collect();
        builders.into_iter().try_for_each(|builder| builder.join().expect("no builder panics"))
    })
}

fn guest(root: &Path, behaviour: &str, components: &Path) -> anyhow::Result<()> {
    let source = root.join("guests").join(behaviour).join("assemblyscript");
    let component = components.join(format!("{behaviour}.assemblyscript.wasm"));
    let inputs = [source.clone(), root.join(SDK), root.join("wit")];
    let newest = inputs.iter().filter_map(|input| newest(input)).max();
    if modified(&component) >= newest && component.exists() {
        // Whoever compares times with all sources sees that it was looked at.
        return Ok(File::options().write(true).open(&component)?.set_modified(SystemTime::now())?);
    }
    let mut node = Command::new("node");
    node.arg(root.join(SDK).join("bin/wow-action.mjs"))
        .args(["build", "assembly/index.ts", "-o"])
        .arg(&component)
        .current_dir(&source);
    if source.join("wit").exists() {
        node.args(["--wit", "wit"]);
    }
    run(&mut node, &format!("the build of {behaviour} in AssemblyScript"))
}

/// The time of the newest file below a folder, but for what npm installed.
fn newest(path: &Path) -> Option<SystemTime> {
    let Ok(entries) = fs::read_dir(path) else { return modified(path) };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .filter(|path: &PathBuf| !path.ends_with("node_modules"))
        .filter_map(|path| newest(&path))
        .max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

fn run(command: &mut Command, name: &str) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("cannot run {name}"))?;
    ensure!(status.success(), "{name} failed: {status}");
    Ok(())
}
