//! `wow compose`: several components into one.

use super::{Exit, complain};
use crate::compose::{self, Composition, Part};
use anyhow::Context as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Compose components into one: one action, one activation, one bill
///
/// OUTER is a component that imports what the next one exports, such as a middleware
/// around a JSON action; the next may do the same with the one after it. With
/// --sequence all are JSON actions, and the outcome of one is the parameters of the
/// next. Exit status: 0 if OUT is written, 1 if the components do not fit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  wow compose audit.wasm hello.wasm -o audited.wasm\n  \
                  wow compose --sequence split.wasm sort.wasm join.wasm -o sorted.wasm")]
pub(super) struct Compose {
    /// Components, each around the next: OUTER INNER…
    #[arg(required = true, num_args = 2.., value_name = "COMPONENT")]
    components: Vec<PathBuf>,

    /// Run the components one after another instead
    #[arg(long)]
    sequence: bool,

    /// Where the component is written
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

impl Compose {
    pub(super) fn execute(self) -> Exit {
        match self.compose() {
            Ok(line) => match writeln!(std::io::stdout(), "{line}") {
                Ok(()) => Exit::Fine,
                Err(error) => complain(&error.into(), Exit::Ours),
            },
            Err(error) => complain(&error, Exit::Yours),
        }
    }

    /// Writes the component, and says what it is.
    fn compose(&self) -> anyhow::Result<String> {
        let parts = self.components.iter().map(|file| read(file));
        let parts = parts.collect::<anyhow::Result<Vec<_>>>()?;
        let Composition { bytes, open } = match self.sequence {
            true => compose::sequence(&parts),
            false => compose::around(&parts),
        }
        .map_err(anyhow::Error::new)?;
        let out = self.output.display();
        std::fs::write(&self.output, &bytes).with_context(|| format!("cannot write {out}"))?;
        let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
        let how = if self.sequence { ", then " } else { " around " };
        let mut line = format!("{out}: {}, {} bytes", names.join(how), bytes.len());
        if !open.is_empty() {
            line += &format!("; it still imports {}", open.join(", "));
        }
        Ok(line)
    }
}

fn read(file: &Path) -> anyhow::Result<Part> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {name}"))?;
    Ok(Part { name, bytes })
}
