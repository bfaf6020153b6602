//! What a developer's commands have in common: under which terms an action runs here.

use crate::Error;
use crate::actions::Action;
use crate::capabilities::Outside;
use crate::config::Settings;
use crate::library::Library;
use crate::limits::Limits;
use crate::package::Package;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

/// How long a person waits without being told for what: an interpreter takes longer to compile.
const UNEXPLAINED: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub(super) struct Terms {
    /// The function to run, if it is not the only one
    #[arg(long, value_name = "NAME", default_value = "main")]
    main: String,

    /// Memory limit in MB [default: 256]
    #[arg(short, long, value_name = "MB")]
    memory: Option<usize>,

    /// Time limit in ms [default: 60000]
    #[arg(short, long, value_name = "MS")]
    timeout: Option<u64>,

    /// A TOML file that says what the action may reach [default: nothing]
    #[arg(long, env = "WOW_POLICY", value_name = "FILE")]
    policy: Option<PathBuf>,

    /// The action's full name, by which the policy grants: /owner/package/action
    #[arg(long, value_name = "NAME")]
    action_name: Option<String>,

    /// The compiler [default: wow-compile beside this program]
    #[arg(long, env = "WOW_COMPILE", value_name = "FILE")]
    compiler: Option<PathBuf>,

    /// Where compiled code is kept, or `none` [default: ~/.cache/wow]
    #[arg(long, env = "WOW_CACHE", value_name = "FOLDER")]
    cache: Option<PathBuf>,
}

impl Terms {
    pub(super) fn settings(&self) -> Settings {
        Settings {
            memory: self.memory,
            timeout: self.timeout,
            compiler: self.compiler.clone(),
            cache: self.cache.clone(),
            policy: self.policy.clone(),
            ..Settings::default()
        }
    }

    /// The action of a package: compiled, with what it asks for as far as it may have it.
    pub(super) async fn action(
        &self,
        name: String,
        Package { component, manifest, .. }: Package,
        library: &Library,
        (outside, limits): (&Outside, &Limits),
    ) -> Result<Action, Error> {
        let mut loading = pin!(library.load(component));
        let code = tokio::select! {
            code = &mut loading => code,
            () = tokio::time::sleep(UNEXPLAINED) => {
                // Who closed stderr wants to hear nothing.
                let _ = writeln!(io::stderr(), "wow: compiling it for this machine, once");
                loading.await
            }
        }?;
        let full = self.action_name.clone().map(|name| ("__OW_ACTION_NAME".to_owned(), name));
        let environment = full.into_iter().collect();
        let main = manifest.main(&self.main);
        Action::new(name, main, environment, code, library)?.granted(&manifest, outside, limits)
    }
}
