//! A cache of compiled code, and what calls it: bodies of `/init` and `/run`.

use anyhow::{Context as _, ensure};
use serde_json::json;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use wow_tests::client;
use wow_tests::process::init_body;

/// A cache that `wow compile` filled, in a folder that goes with it.
pub(crate) struct Codes {
    folder: TempDir,
    /// The body of an `/init` for each component, in their order.
    pub(crate) inits: Vec<Vec<u8>>,
}

/// The body of every `/run`.
pub(crate) const RUN: &[u8] = br#"{"value":{"name":"Ada"}}"#;

impl Codes {
    /// Compiles components.
    pub(crate) fn compile(
        wow: &Path,
        compiler: &Path,
        components: &[Vec<u8>],
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        eprintln!("== compiling {} components ahead of time", components.len());
        let mut inits = Vec::new();
        for component in components {
            // One at a time, since the bodies are in memory as well.
            let file = folder.path().join("component.wasm");
            fs::write(&file, component)?;
            let status = Command::new(wow)
                .arg("compile")
                .arg(&file)
                .arg("--cache")
                .arg(folder.path().join("cache"))
                .arg("--compiler")
                .arg(compiler)
                .stdout(Stdio::null())
                .status()
                .context("cannot run `wow compile`")?;
            ensure!(status.success(), "`wow compile` failed: {status}");
            let code = base64_simd::STANDARD.encode_to_string(component);
            inits.push(init_body(&code, "main", json!({})).to_string().into_bytes());
        }
        Ok(Self { folder, inits })
    }

    /// Where the code is.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// How large each code is, in bytes; the smallest first.
    pub(crate) fn sizes(&self) -> anyhow::Result<Vec<u64>> {
        let mut sizes = Vec::new();
        for entry in fs::read_dir(self.cache())? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            // The other files are the cache's key, and what uploads held.
            if name.contains('-') && !name.starts_with("upload-") {
                sizes.push(entry.metadata()?.len());
            }
        }
        sizes.sort_unstable();
        Ok(sizes)
    }
}

/// So many copies of a component that differ in a custom section, and so in their digests.
pub(crate) fn variants(component: &[u8], count: usize) -> Vec<Vec<u8>> {
    let variant = |number: usize| {
        let name = format!("{number:04}");
        let mut copy = component.to_vec();
        // A section of id 0: its length, the length of its name, its name, nothing (the core
        // specification's binary format, which the component model took over).
        copy.extend_from_slice(&[0, 5, 4]);
        copy.extend_from_slice(name.as_bytes());
        copy
    };
    (0..count).map(variant).collect()
}

/// An action's first call as OpenWhisk makes it: `/init`, then `/run`.
pub(crate) fn first_call(address: SocketAddr, init: &[u8], run: &[u8]) -> io::Result<()> {
    post(address, "/init", init)?;
    post(address, "/run", run)
}

/// Posts what must succeed.
pub(crate) fn post(address: SocketAddr, path: &str, body: &[u8]) -> io::Result<()> {
    let reply = client::post(address, path, body)?;
    if reply.status == 200 {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&reply.body);
    Err(io::Error::other(format!("{path}: {} {text}", reply.status)))
}
