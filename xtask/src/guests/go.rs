//! Builds guests in Go, which are programs, with the user's Go and `wow build`. No module is fetched.

use anyhow::Context as _;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use zip::ZipArchive;

/// Builds the project `guests/<behaviour>/go`, or says why not.
pub(super) fn build(
    root: &Path,
    behaviour: &str,
    out: &Path,
) -> anyhow::Result<Result<(), String>> {
    if !Command::new("go").arg("version").output().is_ok_and(|output| output.status.success()) {
        return Ok(Err("there is no Go 1.24".to_owned()));
    }
    let folder = root.join("target/guests-build/go").join(behaviour);
    super::copy(&root.join("guests").join(behaviour).join("go"), &folder)?;
    crate::programs()?;
    let mut build = Command::new(wow_tests::process::programs().join("wow"));
    build.arg("build").current_dir(&folder);
    super::run(build.env("GOTOOLCHAIN", "local").env("GOPROXY", "off"))?;
    // What is in the package is the component; what Go made is a core module.
    let package = fs::read(folder.join("build").join(behaviour).with_extension("zip"))?;
    let mut package = ZipArchive::new(Cursor::new(package))?;
    let mut component = package.by_name("action.wasm").context("the package has a component")?;
    std::io::copy(&mut component, &mut fs::File::create(out)?)?;
    Ok(Ok(()))
}
