//! The AssemblyScript SDK with the user's Node.js: its dependencies, its tests, its guests.

use crate::fresh::is_fresh;
use crate::npm::{self, run};
use std::path::Path;
use std::process::Command;

const SDK: &str = "sdk-assemblyscript";

/// Whether the language can be built here.
pub(crate) fn is_there() -> bool {
    npm::is_there()
}

/// Brings the SDK's dependencies, exactly those of its lock file.
pub(crate) fn install(root: &Path) -> anyhow::Result<()> {
    npm::install(&root.join(SDK))
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
    if is_fresh(&component, &inputs)? {
        return Ok(());
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
