//! A warm `/run` of a Rust action, a fresh instance each time and every limit on,
//! against a bare hyper server that answers the same bytes.

use super::{ROUNDS, Row, load, median};
use crate::{cargo, guests};
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use wow_tests::Buffer;
use wow_tests::process::{Runtime, init_body};

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    if let Err(why) = load::wrk() {
        let what = "warm /run".to_owned();
        return Ok(vec![Row { what, value: Err(why), unit: "", baseline: None, bar: None }]);
    }
    // Each built alone: the features of one must not become those of another.
    for package in ["wow-compile", "wow", "wow-tests"] {
        cargo(&["build", "--locked", "--release", "-p", package])?;
    }
    guests::build()?;
    let release = Path::new("target/release");
    let runtime = Runtime::start_with(&mut Command::new(release.join("wow")), &[]);
    let code = base64_simd::STANDARD.encode_to_string(wow_tests::guests::read("hello.rust"));
    let ready = runtime.post("/init", &init_body(&code, "main", json!({})));
    anyhow::ensure!(ready.status == 200, "/init: {}", ready.json());
    let body = json!({ "value": { "name": "Ada" } }).to_string();
    let answer = runtime.post("/run", &serde_json::from_str(&body)?);
    let bare = Bare::start(&release.join("bare"), &String::from_utf8(answer.body)?);

    let (mut ours, mut base) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for round in 1..=ROUNDS {
        eprintln!("== warm: round {round} of {ROUNDS}");
        for (address, found) in [(bare.address, &mut base), (runtime.address, &mut ours)] {
            found[0].push(load::post(address, &body, 16)?.per_second);
            found[1].push(load::post(address, &body, 1)?.p50);
        }
        // The sentinels of a hundred thousand activations are of no use here.
        runtime.stdout.clear();
        runtime.stderr.clear();
    }
    let [ours, base] = [ours, base].map(|found| found.map(median));
    let bare = |value| Some(("a bare hyper server".to_owned(), value));
    Ok(vec![
        Row {
            what: "warm /run, 16 connections".to_owned(),
            value: Ok(ours[0]),
            unit: "requests/s",
            baseline: bare(base[0]),
            bar: None,
        },
        Row {
            what: "warm /run, 1 connection, p50".to_owned(),
            value: Ok(ours[1]),
            unit: "us",
            baseline: bare(base[1]),
            bar: None,
        },
    ])
}

/// The bare server as a child process.
struct Bare {
    address: SocketAddr,
    child: Child,
}

impl Bare {
    fn start(program: &Path, answer: &str) -> Self {
        let mut child = Command::new(program)
            .arg(answer)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the bare server starts");
        let stdout = Buffer::default();
        let (mut pipe, mut writer) = (child.stdout.take().expect("piped"), stdout.clone());
        std::thread::spawn(move || std::io::copy(&mut pipe, &mut writer));
        let line = stdout.wait(|text| text.ends_with('\n'));
        Self { address: line.trim().parse().expect("an address"), child }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
