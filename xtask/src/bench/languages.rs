//! What an action costs by its language: AssemblyScript against Rust and against the same source on
//! Node.js, JavaScript and Python against a process of their own; and how soon a new project answers.

use super::codes::{Codes, RUN, first_call};
use super::cold_start::sample;
use super::many::Many;
use super::peers::{node_init_of, node_server};
use super::row::{Bar, Row};
use super::server::{Call, Server};
use super::warm::ours;
use super::{ROUNDS, build, first_answer, load, median};
use crate::{assemblyscript, guests, root};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use wow_tests::guests::{is_built, read};

/// How many clients there are at once.
const CONNECTIONS: u32 = 16;

/// Limits of the sieve, how many primes there are, the largest, and the bar. A small one is the work
/// of a usual action; with a large one the sieve is all that is left.
const SIEVES: [(u32, u32, u32, Option<f64>); 2] =
    [(10_000, 1_229, 9_973, Some(3.0)), (1_000_000, 78_498, 999_983, None)];

/// New processes in a round, of ours and of the language's own.
const PROCESSES: usize = 5;

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    guests::build()?;
    let mut rows = Vec::new();
    if !assemblyscript::is_there() {
        let why = "no Node.js 20 here".to_owned();
        return Ok(vec![Row::skipped("languages", why)]);
    }
    #[expect(clippy::cast_precision_loss, reason = "some KB")]
    let size = read("add.assemblyscript").len() as f64 / 1000.0;
    rows.push(Row::new("`add` in AssemblyScript, component", size, "KB", Some(Bar::AtMost(40.0))));
    match load::wrk() {
        Ok(()) => rows.extend(throughput()?),
        Err(why) => rows.push(Row::skipped("AssemblyScript, warm /run", why)),
    }
    rows.extend(starts()?);
    rows.extend(first_answer::run()?);
    Ok(rows)
}

/// Warm `/run`: `add` in two languages, and the sieve on two hosts.
fn throughput() -> anyhow::Result<Vec<Row>> {
    let logs = tempfile::tempdir()?;
    let add = Call::new(&json!({ "a": 2, "b": 40 }), json!({ "sum": 42 }));
    let mut pairs = vec![Pair::new(
        "`add` in AssemblyScript, warm /run".to_owned(),
        ours(logs.path(), "add.assemblyscript", add.clone())?,
        ("`add` in Rust", ours(logs.path(), "add.rust", add)?),
        Some(0.9),
    )];
    let node = node_init_of(&sieve()?);
    for (limit, count, largest, bar) in SIEVES {
        let answer = json!({ "count": count, "largest": largest });
        let call = Call::new(&json!({ "limit": limit }), answer);
        pairs.push(Pair::new(
            format!("sieve up to {limit} in AssemblyScript, warm /run"),
            ours(logs.path(), "prime.assemblyscript", call.clone())?,
            (
                "the same on Node.js",
                Server::start_for(call, logs.path(), Some(&node), node_server()?)?,
            ),
            bar,
        ));
    }
    for round in 1..=ROUNDS {
        eprintln!("== languages: throughput, round {round} of {ROUNDS}");
        pairs.iter_mut().try_for_each(Pair::load)?;
    }
    Ok(pairs.into_iter().map(Pair::row).collect())
}

/// Two servers under the same load.
struct Pair {
    what: String,
    ours: Server,
    baseline: (&'static str, Server),
    bar: Option<f64>,
    found: [Vec<f64>; 2],
}

impl Pair {
    fn new(what: String, ours: Server, baseline: (&'static str, Server), bar: Option<f64>) -> Self {
        Self { what, ours, baseline, bar, found: Default::default() }
    }

    fn load(&mut self) -> anyhow::Result<()> {
        self.found[0].push(self.ours.load(CONNECTIONS)?.per_second);
        self.found[1].push(self.baseline.1.load(CONNECTIONS)?.per_second);
        Ok(())
    }

    fn row(self) -> Row {
        let [ours, baseline] = self.found.map(median);
        let what = format!("{}, {CONNECTIONS} connections", self.what);
        let bar = self.bar.map(Bar::RatioAtLeast);
        Row::new(&what, ours, "requests/s", bar).against(self.baseline.0, baseline)
    }
}

/// The guest `prime` in AssemblyScript, whose types TypeScript takes away.
fn sieve() -> anyhow::Result<String> {
    assemblyscript::install(&root())?;
    let typescript = root().join("sdk-assemblyscript/node_modules/typescript");
    let output = Command::new("node")
        .arg("xtask/src/bench/sieve.mjs")
        .arg(typescript)
        .arg("guests/prime/assemblyscript/assembly/index.ts")
        .output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the types cannot be taken away: {complaint}");
    Ok(String::from_utf8(output.stdout)?)
}

/// A language whose own process is what others start for an action.
struct Start {
    guest: &'static str,
    what: &'static str,
    name: &'static str,
    /// A process that runs the guest's function and prints its outcome.
    command: fn(&Path) -> anyhow::Result<Command>,
}

const STARTS: [Start; 2] = [
    Start {
        guest: "hello.javascript",
        what: "running host, code on disk, /init and first /run of a JavaScript action, p50",
        name: "`node`, from its start to its end",
        command: node,
    },
    Start {
        guest: "hello.python",
        what: "running host, code on disk, /init and first /run of a Python action, p50",
        name: "`python3`, from its start to its end",
        command: python,
    },
];

/// First calls, each in a new process of ours that never had the code but ran another action.
fn starts() -> anyhow::Result<Vec<Row>> {
    let (many, compiler, wow) = (build::many()?, build::compiler()?, build::wow()?);
    let (here, missing): (Vec<_>, Vec<_>) =
        STARTS.into_iter().partition(|start| is_built(start.guest));
    let components: Vec<_> = here.iter().map(|start| read(start.guest)).collect();
    let codes = Codes::compile(&wow, &compiler, &[components, vec![read("hello.rust")]].concat())?;
    let folder = tempfile::tempdir()?;
    let mut found: Vec<_> = here.iter().map(|_| [Ok(Vec::new()), Ok(Vec::new())]).collect();
    for round in 1..=ROUNDS {
        eprintln!("== languages: starts, round {round} of {ROUNDS}");
        for ((start, init), [ours, own]) in here.iter().zip(&codes.inits).zip(&mut found) {
            sample(ours, PROCESSES, || {
                let mut many = Many::start(&many, &codes.cache(), &compiler)?;
                first_call(many.container()?, &codes.inits[here.len()], RUN)?;
                let container = many.container()?;
                let begin = Instant::now();
                first_call(container, init, RUN)?;
                Ok(milliseconds(begin))
            });
            let mut command = (start.command)(folder.path())?;
            sample(own, PROCESSES, || process(&mut command));
        }
    }
    let mut rows = Vec::new();
    for (start, [ours, own]) in here.iter().zip(found) {
        let ours = median(ours.map_err(anyhow::Error::msg)?);
        rows.push(match own {
            Ok(own) => Row::new(start.what, ours, "ms", Some(Bar::RatioAtMost(1.0)))
                .against(start.name, median(own)),
            Err(why) => Row::skipped(start.what, why),
        });
    }
    let skipped = |start: &Start| Row::skipped(start.what, format!("{} is not built", start.guest));
    rows.extend(missing.iter().map(skipped));
    Ok(rows)
}

/// Milliseconds from the start of a process to its end, with the right answer.
fn process(command: &mut Command) -> anyhow::Result<f64> {
    let begin = Instant::now();
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let time = milliseconds(begin);
    let answer: Option<Value> = serde_json::from_slice(&output.stdout).ok();
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(answer == Some(Call::hello().answer), "{command:?} answers {answer:?}: {words}");
    Ok(time)
}

/// Node.js with the guest's own source.
fn node(folder: &Path) -> anyhow::Result<Command> {
    // By its name a module.
    fs::copy("guests/hello/javascript/action.js", folder.join("action.mjs"))?;
    let script = "import { main } from './action.mjs'; \
                  console.log(JSON.stringify(main(JSON.parse('{\"name\": \"Ada\"}'))));";
    fs::write(folder.join("start.mjs"), script)?;
    let mut node = Command::new("node");
    node.arg("start.mjs").current_dir(folder);
    Ok(node)
}

/// Python with the guest's own source, and as little around it as there can be.
fn python(folder: &Path) -> anyhow::Result<Command> {
    fs::copy("guests/hello/python/app.py", folder.join("app.py"))?;
    fs::write(folder.join("wow_action.py"), "class Error(Exception):\n    pass\n")?;
    let script = "import app, json; print(json.dumps(app.main(json.loads('{\"name\": \"Ada\"}'))))";
    fs::write(folder.join("start.py"), script)?;
    let mut python = Command::new("python3");
    python.arg("start.py").current_dir(folder);
    Ok(python)
}

fn milliseconds(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1000.0
}
