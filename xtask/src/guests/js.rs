//! Builds the guest of another ecosystem, with componentize-js from npm. It takes
//! minutes and 400 MB, so it is built only when asked for.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The version of WASI whose interfaces componentize-js' engine has.
const WASI: &str = "0.2.10";
/// The one of `wit/`.
const OURS: &str = "0.2.12";

/// Builds `guests/<behaviour>/js`, or says why not.
pub(super) fn build(
    root: &Path,
    behaviour: &str,
    out: &Path,
) -> anyhow::Result<Result<(), String>> {
    let installed = |name: &str| Command::new(name).arg("--version").output().is_ok();
    if !installed("node") || !installed("npm") {
        return Ok(Err("no Node.js is here; hint: install node and npm".to_owned()));
    }
    let folder = root.join("target/guests-build/js").join(behaviour);
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(root.join("guests").join(behaviour).join("js"))? {
        let entry = entry?;
        fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    interfaces(root, &folder.join("wit"))?;
    super::run(
        Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--no-package-lock"])
            .current_dir(&folder),
    )?;
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
