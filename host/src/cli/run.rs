//! `wow run`: one activation, here and now.

use super::terms::Terms;
use super::{Exit, build, complain};
use crate::activation::{self, Outcome};
use crate::capabilities::{Outside, Own};
use crate::config::Config;
use crate::error::Error;
use crate::limits::{Allowance, Bill, Deadline};
use crate::logs::Logs;
use crate::{package, protocol};
use anyhow::Context as _;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Run a component once, as OpenWhisk would, and print its result
///
/// The result is on stdout and nothing else is; what the action printed is on
/// stderr, and after it what the activation took. Exit status: 0 with a result, 1 if the action or its input failed, 2
/// if the host did.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: wow run action.wasm -p name Ada -p tags '[\"a\", \"b\"]'")]
pub(super) struct Run {
    /// A component, or a zip archive with an action.wasm [default: the project's package]
    component: Option<PathBuf>,

    /// A parameter; VALUE is JSON, or else text
    #[arg(short, long = "param", num_args = 2, value_names = ["KEY", "VALUE"], allow_hyphen_values = true)]
    params: Vec<String>,

    /// A file with parameters, a JSON object
    #[arg(short = 'P', long = "param-file", value_name = "FILE")]
    param_file: Option<PathBuf>,

    #[command(flatten)]
    terms: Terms,
}

impl Run {
    pub(super) fn execute(self) -> Exit {
        let ready = self.parameters().and_then(|parameters| {
            let file = self.file()?;
            let bytes =
                std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Ok((parameters, name, bytes, Config::read(self.terms.settings(), None)?))
        });
        let (parameters, name, bytes, config) = match ready {
            Ok(ready) => ready,
            Err(error) => return complain(&error, Exit::Yours),
        };
        let logs = Logs::new(config.limits.log);
        let (outcome, bill) = match self.activate(&parameters, (name, bytes), config, &logs) {
            Ok((outcome, bill)) => (outcome, Some(bill)),
            Err(error) => (Err(error), None),
        };
        let (stdout, mut stderr) = logs.take();
        if let Some(bill) = bill {
            stderr.extend_from_slice(format!("{bill}\n").as_bytes());
        }
        let mut terminal = std::io::stderr().lock();
        let _ = terminal.write_all(&stdout).and_then(|()| terminal.write_all(&stderr));
        drop(terminal);
        let (json, exit) = match outcome {
            Ok(Outcome::Success(json)) => (json, Exit::Fine),
            Ok(Outcome::ApplicationError(json)) => (format!("{{\"error\":{json}}}"), Exit::Yours),
            Err(error @ Error::Host(_)) => return complain(&error.into(), Exit::Ours),
            Err(error) => return complain(&error.into(), Exit::Yours),
        };
        match writeln!(std::io::stdout(), "{json}") {
            Ok(()) => exit,
            Err(error) => complain(&error.into(), Exit::Ours),
        }
    }

    #[tokio::main]
    async fn activate(
        &self,
        parameters: &str,
        (name, bytes): (String, Vec<u8>),
        config: Config,
        logs: &Logs,
    ) -> Result<(Result<Outcome, Error>, Bill), Error> {
        let library = config.library()?;
        let package = package::open(bytes)?;
        let outside = Outside::open(config.policy, Own::nothing())?;
        let grant = (&outside, &config.limits);
        let action = self.terms.action(name, package, &library, grant).await?;
        let run =
            protocol::Run { parameters, environment: protocol::Environment::new(), deadline: None };
        let deadline = action.deadline(Deadline::after(config.limits.timeout));
        let allowance = action.allowance(&Allowance::new(config.limits));
        Ok(activation::run(&action, &run, &library, &allowance, deadline, logs).await)
    }

    /// What to run: what was named, or the project's package.
    fn file(&self) -> anyhow::Result<PathBuf> {
        if let Some(file) = &self.component {
            return Ok(file.clone());
        }
        let project = build::here().context("no component is named, and there is no project")?;
        project.built()
    }

    /// The parameters as one JSON text: of the file, then of the flags.
    fn parameters(&self) -> anyhow::Result<String> {
        let mut parameters = match &self.param_file {
            Some(file) => read(file)?,
            None => Parameters::new(),
        };
        for pair in self.params.chunks_exact(2) {
            let value = match serde_json::from_str(&pair[1]) {
                Ok(value) => value,
                Err(_) => serde_json::value::to_raw_value(&pair[1])?,
            };
            parameters.insert(pair[0].clone(), value);
        }
        Ok(serde_json::to_string(&parameters)?)
    }
}

/// Values as they were written: a number that is parsed may be rounded.
type Parameters = BTreeMap<String, Box<RawValue>>;

fn read(file: &Path) -> anyhow::Result<Parameters> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not a JSON object", file.display()))
}
