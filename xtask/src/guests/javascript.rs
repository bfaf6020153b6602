//! Builds guests in JavaScript, with `sdk-javascript` and the user's Node.js. The engine in them is QuickJS.

use super::copy;
use crate::npm;
use std::path::Path;
use std::process::{Command, Stdio};

/// Builds `guests/<behaviour>/javascript/action.js`, or says why not.
pub(super) fn build(
    root: &Path,
    behaviour: &str,
    out: &Path,
) -> anyhow::Result<Result<(), String>> {
    if !npm::is_there() {
        return Ok(Err("there is no Node.js 20".to_owned()));
    }
    let sdk = root.join("sdk-javascript");
    npm::install(&sdk)?;
    // As an author has it: the action and the folder `wow` side by side.
    let folder = root.join("target/guests-build/javascript").join(behaviour);
    copy(&root.join("guests").join(behaviour).join("javascript"), &folder)?;
    copy(&sdk.join("wow"), &folder.join("wow"))?;
    let mut componentize = Command::new(sdk.join("node_modules/.bin/componentize-qjs"));
    componentize
        .args(["--wit", "wow/wit", "--world", "action", "--js", "wow/index.js"])
        .args(["--module-root", ".", "--sync", "--minify", "--output"])
        .arg(out)
        .stdout(Stdio::null())
        .current_dir(folder);
    npm::run(&mut componentize, &format!("the build of {behaviour} in JavaScript"))?;
    Ok(Ok(()))
}
