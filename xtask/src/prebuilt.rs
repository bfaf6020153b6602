//! The component that `wow new` writes with a project, so that it answers before anything is
//! installed: made of that project, as whoever builds it makes it.

use crate::{command, programs};
use anyhow::Context as _;
use std::path::Path;
use std::process::Command;

/// Where `wow` takes it from.
const PREBUILT: &str = "host/src/cli/new/prebuilt/hello.wasm";

/// Makes it anew. A test says when it is needed.
pub(crate) fn build() -> anyhow::Result<()> {
    programs()?;
    let folder = Path::new("target/prebuilt");
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let wow = std::path::absolute("target/debug/wow")?;
    command(Command::new(&wow).args(["new", "hello"]).current_dir(folder), "wow new hello")?;
    let project = folder.join("hello");
    command(Command::new(&wow).arg("build").current_dir(&project), "wow build")?;
    std::fs::copy(project.join("build/action.wasm"), PREBUILT)
        .with_context(|| format!("cannot write {PREBUILT}"))?;
    println!("{PREBUILT}");
    Ok(())
}
