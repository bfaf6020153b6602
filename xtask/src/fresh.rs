//! Whether what was built is newer than what it was built of.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Whether a file is there and newer than its sources. If so it is dated now: whoever compares
/// times with all sources sees that it was looked at.
pub(crate) fn is_fresh(built: &Path, sources: &[PathBuf]) -> anyhow::Result<bool> {
    let newest = sources.iter().filter_map(|source| newest(source)).max();
    let fresh = built.exists() && modified(built) >= newest;
    if fresh {
        File::options().write(true).open(built)?.set_modified(SystemTime::now())?;
    }
    Ok(fresh)
}

/// The time of a file.
pub(crate) fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// The time of the newest file below a folder, but for what npm installed.
fn newest(path: &Path) -> Option<SystemTime> {
    let Ok(entries) = fs::read_dir(path) else { return modified(path) };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .filter(|path: &PathBuf| !path.ends_with("node_modules"))
        .filter_map(|path| newest(&path))
        .max()
}
