//! A package on this machine's disk: what a developer has before it is uploaded, a
//! file or a folder with what would be in the archive.

use super::{LARGEST_COMPONENT, LARGEST_MANIFEST, Package, component_in, member, open};
use crate::manifest;
use anyhow::Context as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The package at a path: a component, a zip archive, or a folder.
pub fn at(path: &Path) -> anyhow::Result<Package> {
    let name = || path.display().to_string();
    let cannot = || format!("cannot read {}", path.display());
    if !std::fs::metadata(path).with_context(cannot)?.is_dir() {
        return open(std::fs::read(path).with_context(cannot)?).with_context(name);
    }
    let names = std::fs::read_dir(path).with_context(cannot)?;
    let names: Vec<_> = names
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()
        .with_context(cannot)?;
    let found = member(names.iter().map(String::as_str), "the folder").with_context(name)?;
    let component = component_in(read(&path.join(&found), LARGEST_COMPONENT)?, "the file is");
    let component = component.with_context(|| path.join(&found).display().to_string())?;
    let described = names.iter().any(|name| name == manifest::NAME);
    let manifest = described.then(|| read(&path.join(manifest::NAME), LARGEST_MANIFEST));
    Package::new(component, manifest.transpose()?).with_context(name)
}

/// A file, if it is not larger than a member of an archive may be.
fn read(path: &Path, most: usize) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(cannot)?;
    file.take(most as u64 + 1).read_to_end(&mut bytes).with_context(cannot)?;
    anyhow::ensure!(bytes.len() <= most, "{} is larger than {most} bytes", path.display());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn a_folder_is_what_its_archive_would_be() {
        let folder = tempfile::tempdir().expect("folder");
        let write = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.path().join(name), bytes).expect("write");
        };
        let refusal = || format!("{:#}", at(folder.path()).expect_err("refused"));
        assert!(refusal().contains(": the folder has no action.wasm"), "{}", refusal());
        write("hello.wasm", COMPONENT);
        let package = at(folder.path()).expect("one component");
        assert!(&*package.component == COMPONENT && !package.manifest.is_there());
        write("action.wasm", COMPONENT);
        write("wow.toml", b"version = 1\n[capabilities]\ntmp = true");
        assert!(at(folder.path()).expect("a package").manifest.capabilities.tmp);
        write("wow.toml", b"version = 1\n[capabilites]");
        assert!(refusal().contains("there is no key `capabilites`"), "{}", refusal());
        write("action.wasm", b"\0asm\x01\0\0\0");
        let core = "action.wasm: the file is a core module, not a component";
        assert!(refusal().contains(core), "{}", refusal());
    }
}
