//! Builds guests in Python, with `sdk-python` and the componentize-py of its `requirements.txt`, which
//! pip installs below `target/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds `guests/<behaviour>/python/app.py`, or says why not.
pub(super) fn build(
    root: &Path,
    behaviour: &str,
    out: &Path,
) -> anyhow::Result<Result<(), String>> {
    let sdk = root.join("sdk-python");
    let componentize = match installed(root, &sdk.join("requirements.txt"))? {
        Ok(componentize) => componentize,
        Err(why) => return Ok(Err(why)),
    };
    let mut componentize = Command::new(componentize);
    // What Python compiles would lie among the sources.
    componentize.env("PYTHONDONTWRITEBYTECODE", "1");
    componentize.args(["--quiet", "-d"]).arg(root.join("wit")).args(["-w", "action"]);
    componentize.args(["componentize", "-p"]).arg(&sdk);
    componentize.arg("-p").arg(root.join("guests").join(behaviour).join("python"));
    super::run(componentize.args(["wow_action", "-o"]).arg(out)).map(Ok)
}

/// The program componentize-py, of exactly the version that was tested.
fn installed(root: &Path, requirements: &Path) -> anyhow::Result<Result<PathBuf, String>> {
    let environment = root.join("target/guests-build/python");
    let program = environment.join("bin/componentize-py");
    // Written when all else is done.
    let (wanted, stamp) = (fs::read(requirements)?, environment.join("installed.txt"));
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Ok(program));
    }
    let mut venv = Command::new("python3");
    if !venv.args(["-m", "venv"]).arg(&environment).status().is_ok_and(|status| status.success()) {
        let hint = "there is no Python 3 with venv; hint: apt-get install python3-venv";
        return Ok(Err(hint.to_owned()));
    }
    let mut pip = Command::new(environment.join("bin/pip"));
    pip.args(["install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r"]);
    super::run(pip.arg(requirements))?;
    fs::write(stamp, wanted)?;
    Ok(Ok(program))
}
