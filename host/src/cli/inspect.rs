//! `wow inspect`: what a component is, without running it.

use super::{Exit, complain};
use crate::capabilities::{Policy, Who};
use crate::inspect::Inspection;
use crate::package::{self, Package};
use anyhow::Context as _;
use std::io::Write as _;
use std::path::PathBuf;

/// Say what a component is: its shape, its functions, what it imports and would need
///
/// Nothing is compiled and nothing is run. Exit status: 0 if it would be loaded, 1 if it
/// would not or cannot be read, 2 if the host failed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: wow inspect calc.zip --policy policy.toml --action-name /acme/calc"
)]
pub(super) struct Inspect {
    /// A component, or a package: a zip archive or a folder with an action.wasm
    component: PathBuf,

    /// Only the function that this names, as `wow run` would take it
    #[arg(long, value_name = "NAME")]
    main: Option<String>,

    /// An operator's policy: what of what the package asks for it would get
    #[arg(long, env = "WOW_POLICY", value_name = "FILE")]
    policy: Option<PathBuf>,

    /// The action's full name, by which the policy grants: /owner/package/action
    #[arg(long, value_name = "NAME")]
    action_name: Option<String>,

    /// The namespace that calls it, by which the policy grants less
    #[arg(long, value_name = "NAMESPACE")]
    caller: Option<String>,

    /// Everything as JSON
    #[arg(long, group = "form")]
    json: bool,

    /// The JSON Schemas (2020-12) of every function's input, output and error
    #[arg(long, group = "form")]
    schema: bool,

    /// An OpenAPI 3.1 document of the functions as web actions
    #[arg(long, group = "form")]
    openapi: bool,
}

impl Inspect {
    pub(super) fn execute(self) -> Exit {
        let inspection = match self.inspect() {
            Ok(inspection) => inspection,
            Err(error) => return complain(&error, Exit::Yours),
        };
        let refusal = inspection.refusal();
        if let Some(refusal) = &refusal
            && !inspection.is_runnable()
            && (self.schema || self.openapi)
        {
            return complain(&anyhow::Error::new(refusal.clone()), Exit::Yours);
        }
        if let Err(error) = std::io::stdout().write_all(self.text(&inspection).as_bytes()) {
            return complain(&error.into(), Exit::Ours);
        }
        if refusal.is_some() { Exit::Yours } else { Exit::Fine }
    }

    fn inspect(&self) -> anyhow::Result<Inspection> {
        let Package { component, manifest, .. } = package::at(&self.component)?;
        let name = || self.component.display().to_string();
        let inspection = Inspection::of(&component).with_context(name)?;
        let who = Who { action: self.action_name.as_deref(), caller: self.caller.as_deref() };
        let share = self
            .policy
            .as_deref()
            .map(|policy| anyhow::Ok(Policy::read(policy)?.share(&manifest.capabilities, who)));
        let main = self.main.as_deref().map(|main| manifest.main(main).to_owned());
        let inspection = inspection.packaged(manifest, share.transpose()?);
        Ok(match main {
            Some(main) => inspection.only(&main)?,
            None => inspection,
        })
    }

    fn text(&self, inspection: &Inspection) -> String {
        let value = match (self.json, self.schema, self.openapi) {
            (true, _, _) => inspection.json(),
            (_, true, _) => inspection.schema(),
            (_, _, true) => {
                let stem = self.component.file_stem().unwrap_or_default().to_string_lossy();
                // `calc.rust.wasm` is the action `calc`.
                inspection.openapi(stem.split('.').next().unwrap_or(&stem))
            }
            _ => return inspection.to_string(),
        };
        format!("{value:#}\n")
    }
}
