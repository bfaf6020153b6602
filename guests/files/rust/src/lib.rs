//! Writes, reads and lists files with the standard library.

use std::fs;

use serde::{Deserialize, Serialize};
use wow_action::{Error, Result, json};

/// What is given is done in this order.
#[derive(Deserialize)]
struct Input {
    write: Option<String>,
    /// What is written.
    #[serde(default)]
    text: String,
    read: Option<String>,
    list: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
struct Output {
    /// The number of bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Sorted names.
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<Vec<String>>,
}

#[wow_action::main]
fn main(input: Input) -> Result<Output> {
    let mut output = Output { written: None, text: None, entries: None };
    if let Some(path) = &input.write {
        fs::write(path, &input.text).map_err(|error| denied("write", path, error))?;
        output.written = Some(input.text.len());
    }
    if let Some(path) = &input.read {
        output.text = Some(fs::read_to_string(path).map_err(|error| denied("read", path, error))?);
    }
    if let Some(path) = &input.list {
        output.entries = Some(list(path).map_err(|error| denied("list", path, error))?);
    }
    Ok(output)
}

fn list(path: &str) -> std::io::Result<Vec<String>> {
    let mut names = fs::read_dir(path)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// A value, not a sentence: the reason is worded differently by every C library.
fn denied(operation: &str, path: &str, error: std::io::Error) -> Error {
    Error::value(json!({"operation": operation, "path": path, "reason": error.to_string()}))
}
