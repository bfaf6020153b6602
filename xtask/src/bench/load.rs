//! Load on a server of ours, by wrk.

use super::peers;
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::process::Command;

/// What a load of some seconds found.
pub(crate) struct Load {
    /// Requests answered in a second.
    pub(crate) per_second: f64,
    /// Half of them were answered in this many microseconds.
    pub(crate) p50: f64,
}

/// Finds wrk, or installs it where that is possible.
pub(crate) fn wrk() -> Result<(), String> {
    peers::install("wrk").map_err(|error| error.to_string())
}

/// Posts the same body again and again for two seconds over some connections.
/// Every answer must be 200.
pub(crate) fn post(address: SocketAddr, body: &str, connections: u32) -> anyhow::Result<Load> {
    // wrk reports in Lua what it otherwise prints for people.
    let script = format!(
        r#"
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[{body}]==]
function done(summary, latency, requests)
  io.write(string.format('\n{{"requests":%d,"microseconds":%d,"p50":%f,"errors":%d}}\n',
    summary.requests, summary.duration, latency:percentile(50),
    summary.errors.connect + summary.errors.read + summary.errors.write
      + summary.errors.status + summary.errors.timeout))
end
"#
    );
    let file = std::env::temp_dir().join(format!("wow-load-{}.lua", std::process::id()));
    fs::write(&file, script)?;
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{connections}"), "-d2s", "-s"])
        .arg(&file)
        .arg(format!("http://{address}/run"))
        .output()
        .context("cannot run wrk")?;
    fs::remove_file(&file)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().context("wrk said nothing")?;
    let found: Value = serde_json::from_str(line).with_context(|| text.clone().into_owned())?;
    let number = |name: &str| found[name].as_f64().with_context(|| format!("no {name}: {found}"));
    ensure!(number("errors")? == 0.0, "wrk counted errors: {found}");
    Ok(Load {
        per_second: number("requests")? / (number("microseconds")? / 1e6),
        p50: number("p50")?,
    })
}
