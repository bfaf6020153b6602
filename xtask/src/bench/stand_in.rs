//! The same containers through `wow-docker`, as OpenWhisk's invoker has them: how long
//! its process takes, how soon a new container answers, against what others start.

use super::codes::{Codes, RUN, first_call};
use super::cold_start::sample;
use super::docker::Docker;
use super::executor::start;
use super::peers::{Crun, node};
use super::row::{Bar, Row};
use super::{ROUNDS, build, median};
use anyhow::{anyhow, bail};
use std::path::Path;
use std::time::Instant;
use wow_tests::invoker::{Failed, Invoker, install};

/// Containers in a round.
const CONTAINERS: usize = 100;
/// Peers in a round: crun's containers, Node.js's processes, docker's containers of each image.
const PEERS: [usize; 3] = [10, 3, 3];

pub(super) fn measure(wow: &Path, compiler: &Path, codes: &Codes) -> anyhow::Result<Vec<Row>> {
    let program = build::docker_cli()?;
    let size = program.metadata()?.len();
    let server = build::bare()?;
    let (mut container, docker) = (Crun::new(&server), Docker::start(&server));
    let (mut crun, mut nodes) = (Ok(Vec::new()), Ok(Vec::new()));
    let (mut docker_static, mut docker_node) = (Ok(Vec::new()), Ok(Vec::new()));
    let (mut commands, mut answers) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("== executor through wow-docker: round {round} of {ROUNDS}");
        let (folder, executor) = start(wow, compiler, codes)?;
        let stand_in = install(&program, folder.path(), &executor.socket());
        let port = executor.named("port").address.port();
        let invoker = Invoker::start(&stand_in, &executor.containers(), port, "0");
        let (command, answer) = one_by_one(&invoker, &codes.inits[0])?;
        commands.push(command);
        answers.push(answer);
        sample(&mut crun, PEERS[0], || match &mut container {
            Ok(container) => container.start(),
            Err(why) => bail!("{why:#}"),
        });
        sample(&mut nodes, PEERS[1], node);
        let docker = || docker.as_ref().map_err(|why| anyhow!("{why:#}"));
        sample(&mut docker_static, PEERS[2], || docker()?.static_server());
        sample(&mut docker_node, PEERS[2], || docker()?.node());
    }
    let answer = median(answers);
    let mib = f64::from(u32::try_from(size)?) / 1024.0 / 1024.0;
    Ok(vec![
        Row::new("wow-docker, static", mib, "MiB", Some(Bar::AtMost(2.0))),
        Row::new(
            "`wow-docker run` as a process, p50",
            median(commands),
            "ms",
            Some(Bar::AtMost(3.0)),
        ),
        Row::new(ANSWER, answer, "ms", Some(Bar::AtMost(4.0))),
        peer("crun and a static server", 1.0, answer, crun.map(median)),
        peer("a Node.js process without a container", 1.0, answer, nodes.map(median)),
        peer("docker and a static server", 1.0 / 60.0, answer, docker_static.map(median)),
        peer("docker and Node.js", 1.0 / 100.0, answer, docker_node.map(median)),
    ])
}

const ANSWER: &str =
    "the same through wow-docker: `docker run`, /init with code on disk, /run, p50";

/// Our time against a peer's: at most so much of it.
fn peer(name: &'static str, bar: f64, ours: f64, theirs: Result<f64, String>) -> Row {
    let what = format!("{ANSWER}, against {name}");
    match theirs {
        Ok(theirs) => {
            Row::new(&what, ours, "ms", Some(Bar::RatioAtMost(bar))).against(name, theirs)
        }
        Err(why) => Row::skipped(&what, why),
    }
}

/// The medians of `docker run` and of the time to the first answer, in milliseconds.
fn one_by_one(invoker: &Invoker, init: &[u8]) -> anyhow::Result<(f64, f64)> {
    let failed = |failed: Failed| anyhow!("{failed:?}");
    let (mut commands, mut answers) = (Vec::new(), Vec::new());
    for _ in 0..CONTAINERS {
        let start = Instant::now();
        let container = invoker.create("bench", "wow/bench", 256).map_err(failed)?;
        commands.push(start.elapsed().as_secs_f64() * 1000.0);
        first_call(container.address, init, RUN)?;
        answers.push(start.elapsed().as_secs_f64() * 1000.0);
        container.remove().map_err(failed)?;
    }
    Ok((median(commands), median(answers)))
}
