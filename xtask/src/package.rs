//! Packages for demos and benches: a built guest, and what it asks for.

use std::io::{Cursor, Write as _};
use zip::write::{SimpleFileOptions, ZipWriter};

/// A guest in a zip archive with a `wow.toml` that asks for servers.
pub(crate) fn asking(guest: &str, servers: &[&str]) -> anyhow::Result<Vec<u8>> {
    let servers: Vec<_> = servers.iter().map(|server| format!("\"{server}\"")).collect();
    with(guest, &format!("http = [{}]", servers.join(", ")))
}

/// A guest in a zip archive with a `wow.toml` that asks for capabilities.
pub(crate) fn with(guest: &str, capabilities: &str) -> anyhow::Result<Vec<u8>> {
    let manifest = format!("version = 1\n\n[capabilities]\n{capabilities}\n");
    let component = wow_tests::guests::read(guest);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("action.wasm", component.as_slice()), ("wow.toml", manifest.as_bytes())]
    {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
