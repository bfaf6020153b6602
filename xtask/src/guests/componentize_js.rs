//! Builds the guest of another ecosystem, with componentize-js from npm. It takes
//! minutes and 400 MB, so it is built only when asked for.

use crate::npm;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The version of WASI whose interfaces componentize-js' engine has.
const WASI: &str = "0.2.10";
/// The one of `wit/`.
const OURS: &str = "0.2.12";

/// Builds `guests/<behaviour>/componentize-js`, or says why not.
pub(super) fn build(
    root: &Path,
    behaviour: &str,
    out: &Path,
) -> anyhow::Result<Result<(), String>> {
    if !npm::is_there() {
        return Ok(Err("there is no Node.js 20".to_owned()));
    }
    let folder = root.join("target/guests-build/componentize-js").join(behaviour);
    super::copy(&root.join("guests").join(behaviour).join("componentize-js"), &folder)?;
    interfaces(root, &folder.join("wit"))?;
    // Not `npm ci`: not every registry has what the lock file names for other machines.
    let mut npm = Command::new("npm");
    npm::run(npm.args(["install", "--no-progress"]).current_dir(&folder), "npm install")?;
    super::run(Command::new("node").args(["build.js", "wit"]).arg(out).current_dir(&folder))?;
    Ok(Ok(()))
}

/// WASI as the engine has it: our interfaces, which are the same under another version.
fn interfaces(root: &Path, wit: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(wit.join("deps"))?;
    for entry in fs::read_dir(root.join("wit/deps"))? {
        let entry = entry?;
        let text = fs::read_to_string(entry.path())?.replace(OURS, WASI);
        fs::write(wit.join("deps").join(entry.file_name()), text)?;
    }
    let world =
        format!("package wow:served;\n\nworld server {{\n  include wasi:http/proxy@{WASI};\n}}\n");
    fs::write(wit.join("server.wit"), world)?;
    Ok(())
}
