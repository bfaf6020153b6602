//! What had no effect, written down for the operator, and nowhere else: standard
//! output is OpenWhisk's.

use crate::config::Config;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// The file grows no further: what it says is the same for every container.
const LARGEST_RECORD: u64 = 1 << 20;

/// Writes down the options of a command that nobody knows. A container does not
/// fail because this cannot be written.
pub(crate) fn unknown(config: &Config, command: &str, options: &[String]) {
    let (false, Some(file)) = (options.is_empty(), &config.log) else { return };
    let Ok(mut file) = OpenOptions::new().create(true).append(true).open(file) else { return };
    if file.metadata().is_ok_and(|facts| facts.len() > LARGEST_RECORD) {
        return;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let line = format!("{now} {command}: without effect: {}\n", options.join(" "));
    let _ = file.write_all(line.as_bytes());
}
