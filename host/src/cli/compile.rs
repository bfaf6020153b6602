//! `wow compile`: fills the cache before the first call.

use super::{Exit, complain};
use crate::config::{Config, Settings};
use crate::error::Error;
use crate::library::Library;
use anyhow::Context as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Compile components ahead of time, so that their first call finds the code
///
/// The cache is the one that `wow runtime` is started with. Prints a line for
/// each file. Exit status: 0 if all are in the cache, 1 if a file is no action, 2
/// if the host failed.
#[derive(Debug, clap::Args)]
pub(super) struct Compile {
    /// Components, or zip archives with an action.wasm
    #[arg(required = true)]
    files: Vec<PathBuf>,

    #[arg(long, env = "WOW_CONFIG", value_name = "FILE", help = "A TOML file with settings")]
    config: Option<PathBuf>,

    #[command(flatten)]
    settings: Settings,
}

impl Compile {
    pub(super) fn execute(self) -> Exit {
        let config = match Config::read(self.settings.clone(), self.config.as_deref()) {
            Ok(config) => config,
            Err(error) => return complain(&error, Exit::Yours),
        };
        self.fill(&config)
    }

    #[tokio::main]
    async fn fill(&self, config: &Config) -> Exit {
        let library = match config.library() {
            Ok(library) => library,
            Err(error) => return complain(&error, Exit::Ours),
        };
        let Some(cache) = library.cache() else {
            let error = anyhow::anyhow!("there is no cache to fill\n\nhint: name one with --cache");
            return complain(&error, Exit::Yours);
        };
        let mut exit = Exit::Fine;
        for file in &self.files {
            let start = Instant::now();
            let hits = cache.counts().hits.load(Ordering::Relaxed);
            let failed = cache.counts().write_errors.load(Ordering::Relaxed);
            if let Err(error) = compile(&library, file).await {
                let ours = matches!(error.downcast_ref(), Some(Error::Host(_)));
                exit = complain(&error, if ours { Exit::Ours } else { Exit::Yours });
                continue;
            }
            if cache.counts().write_errors.load(Ordering::Relaxed) > failed {
                let error = anyhow::anyhow!("cannot write to the cache {}", cache.path().display());
                return complain(&error, Exit::Ours);
            }
            let done = match cache.counts().hits.load(Ordering::Relaxed) > hits {
                true => "was there already".to_owned(),
                false => format!("compiled in {} ms", start.elapsed().as_millis()),
            };
            if let Err(error) = writeln!(std::io::stdout(), "{}: {done}", file.display()) {
                return complain(&error.into(), Exit::Ours);
            }
        }
        exit
    }
}

async fn compile(library: &Library, file: &Path) -> anyhow::Result<()> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {name}"))?;
    // As `wsk` uploads it, so that the upload is known as well.
    let text = base64_simd::STANDARD.encode_to_string(bytes);
    library.upload(text.into()).await.map(drop).with_context(|| name.to_string())
}
