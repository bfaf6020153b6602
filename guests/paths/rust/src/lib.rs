//! Calls `wasi:filesystem` step by step, as the tests of files ask for it: no
//! library in between forbids or repairs anything.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
    filesystem_error_code,
};
use wasip2::io::streams::{OutputStream, StreamError};
use wow_action::serde_json::Value;
use wow_action::{Result, json};

#[derive(Deserialize)]
struct Input {
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Output {
    /// What was granted.
    directories: Vec<String>,
    /// What became of each step: `{"ok": …}` or `{"error": …}`.
    steps: Vec<Value>,
}

/// One call, `on` a descriptor: `/NAME` for what was granted, else what `open` called it.
#[derive(Deserialize)]
#[serde(tag = "call", rename_all = "kebab-case", deny_unknown_fields)]
enum Step {
    Open {
        on: String,
        path: String,
        /// `create`, `exclusive`, `truncate`, `directory`, `write`, `follow`.
        #[serde(default)]
        with: Vec<String>,
        #[serde(default, rename = "as")]
        name: String,
    },
    Read {
        on: String,
    },
    Write {
        on: String,
        text: String,
        #[serde(default)]
        offset: u64,
    },
    Stream {
        on: String,
        bytes: u64,
        #[serde(default)]
        offset: u64,
    },
    Append {
        on: String,
        bytes: u64,
    },
    Resize {
        on: String,
        size: u64,
    },
    Touch {
        on: String,
        path: String,
    },
    MakeDirectory {
        on: String,
        path: String,
    },
    RemoveDirectory {
        on: String,
        path: String,
    },
    Unlink {
        on: String,
        path: String,
    },
    Rename {
        on: String,
        path: String,
        to: String,
        new: String,
    },
    Link {
        on: String,
        path: String,
        to: String,
        new: String,
    },
    Symlink {
        on: String,
        target: String,
        path: String,
    },
    List {
        on: String,
    },
    Stat {
        on: String,
        path: String,
        #[serde(default)]
        follow: bool,
    },
    Close {
        on: String,
    },
}

type Descriptors = HashMap<String, Descriptor>;
type Answer = std::result::Result<Value, String>;

#[wow_action::main]
fn main(input: Input) -> Result<Output> {
    let mut descriptors: Descriptors =
        get_directories().into_iter().map(|(descriptor, name)| (name, descriptor)).collect();
    let mut directories: Vec<_> = descriptors.keys().cloned().collect();
    directories.sort();
    let step = |step| match take(step, &mut descriptors) {
        Ok(value) => json!({ "ok": value }),
        Err(error) => json!({ "error": error }),
    };
    Ok(Output { directories, steps: input.steps.into_iter().map(step).collect() })
}

fn take(step: Step, descriptors: &mut Descriptors) -> Answer {
    match step {
        Step::Open { on, path, with, name } => {
            let opened = open(find(descriptors, &on)?, &path, &with)?;
            descriptors.insert(if name.is_empty() { path } else { name }, opened);
            Ok(Value::Null)
        }
        Step::Close { on } => {
            drop(descriptors.remove(&on));
            Ok(Value::Null)
        }
        Step::Rename { on, path, to, new } => {
            let (from, to) = (find(descriptors, &on)?, find(descriptors, &to)?);
            from.rename_at(&path, to, &new).map(done).map_err(name)
        }
        Step::Link { on, path, to, new } => {
            let (from, to) = (find(descriptors, &on)?, find(descriptors, &to)?);
            from.link_at(PathFlags::empty(), &path, to, &new).map(done).map_err(name)
        }
        Step::Read { on } => read(find(descriptors, &on)?),
        Step::Write { on, text, offset } => {
            find(descriptors, &on)?.write(text.as_bytes(), offset).map(Value::from).map_err(name)
        }
        Step::Stream { on, bytes, offset } => {
            let stream = find(descriptors, &on)?.write_via_stream(offset).map_err(name)?;
            fill(stream, bytes)
        }
        Step::Append { on, bytes } => {
            let stream = find(descriptors, &on)?.append_via_stream().map_err(name)?;
            fill(stream, bytes)
        }
        Step::Resize { on, size } => find(descriptors, &on)?.set_size(size).map(done).map_err(name),
        Step::Touch { on, path } => {
            let now = NewTimestamp::Now;
            let on = find(descriptors, &on)?;
            on.set_times_at(PathFlags::empty(), &path, now, now).map(done).map_err(name)
        }
        Step::MakeDirectory { on, path } => {
            find(descriptors, &on)?.create_directory_at(&path).map(done).map_err(name)
        }
        Step::RemoveDirectory { on, path } => {
            find(descriptors, &on)?.remove_directory_at(&path).map(done).map_err(name)
        }
        Step::Unlink { on, path } => {
            find(descriptors, &on)?.unlink_file_at(&path).map(done).map_err(name)
        }
        Step::Symlink { on, target, path } => {
            find(descriptors, &on)?.symlink_at(&target, &path).map(done).map_err(name)
        }
        Step::List { on } => list(find(descriptors, &on)?),
        Step::Stat { on, path, follow } => {
            let flags = if follow { PathFlags::SYMLINK_FOLLOW } else { PathFlags::empty() };
            let stat = find(descriptors, &on)?.stat_at(flags, &path).map_err(name)?;
            Ok(json!({ "size": stat.size, "links": stat.link_count }))
        }
    }
}

fn find<'a>(descriptors: &'a Descriptors, on: &str) -> std::result::Result<&'a Descriptor, String> {
    descriptors.get(on).ok_or_else(|| format!("no descriptor `{on}`"))
}

fn open(on: &Descriptor, path: &str, with: &[String]) -> std::result::Result<Descriptor, String> {
    let has = |word: &str| with.iter().any(|with| with == word);
    let mut open = OpenFlags::empty();
    open.set(OpenFlags::CREATE, has("create"));
    open.set(OpenFlags::EXCLUSIVE, has("exclusive"));
    open.set(OpenFlags::TRUNCATE, has("truncate"));
    open.set(OpenFlags::DIRECTORY, has("directory"));
    let mut flags = DescriptorFlags::READ;
    flags.set(DescriptorFlags::WRITE, has("write"));
    let follow = if has("follow") { PathFlags::SYMLINK_FOLLOW } else { PathFlags::empty() };
    on.open_at(follow, path, open, flags).map_err(name)
}

fn read(on: &Descriptor) -> Answer {
    let mut text = Vec::new();
    loop {
        let (bytes, end) = on.read(4096, text.len() as u64).map_err(name)?;
        text.extend_from_slice(&bytes);
        if end {
            return Ok(String::from_utf8_lossy(&text).into());
        }
    }
}

/// Writes so many bytes, as a program does that copies a file.
fn fill(stream: OutputStream, mut bytes: u64) -> Answer {
    while bytes > 0 {
        let piece = bytes.min(4096);
        stream.blocking_write_and_flush(&vec![b'x'; piece as usize]).map_err(
            |error| match error {
                StreamError::Closed => "closed".to_owned(),
                StreamError::LastOperationFailed(error) => match filesystem_error_code(&error) {
                    Some(code) => name(code),
                    None => error.to_debug_string(),
                },
            },
        )?;
        bytes -= piece;
    }
    Ok(Value::Null)
}

fn list(on: &Descriptor) -> Answer {
    let entries = on.read_directory().map_err(name)?;
    let mut names = Vec::new();
    while let Some(entry) = entries.read_directory_entry().map_err(name)? {
        names.push(entry.name);
    }
    names.sort();
    Ok(json!(names))
}

fn done((): ()) -> Value {
    Value::Null
}

fn name(code: ErrorCode) -> String {
    code.name().to_owned()
}
