//! An inspection for people.

use super::Inspection;
use super::exports::Entry;
use super::imports::{Import, asks};
use crate::component::Shape;
use std::fmt::{self, Display, Formatter};

impl Display for Inspection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.shape_name())?;
        if let Some(refusal) = self.refusal() {
            write!(f, "\n{}", indented(&refusal, ""))?;
        }
        writeln!(f, "\n{} bytes", self.size)?;
        self.functions_text(f)?;
        self.types_text(f)?;
        self.imports_text(f)?;
        if let Some(package) = &self.package {
            package.fmt(f)?;
        }
        self.asks_text(f)
    }
}

impl Inspection {
    /// The shape of the action, such as `typed action`.
    pub fn shape_name(&self) -> &'static str {
        self.shape().map_or("not an action", name)
    }

    fn functions_text(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.entries.is_empty() {
            writeln!(f, "\nfunctions")?;
        }
        for Entry { export, wit, shape } in &self.entries {
            writeln!(f, "  {export}: {wit}")?;
            match shape {
                Ok(shape) if self.shape().map(name) == Some(name(shape)) => {}
                Ok(shape) => writeln!(f, "    {}", name(shape))?,
                Err(problem) => writeln!(f, "    not run: {}", indented(problem, "    "))?,
            }
        }
        Ok(())
    }

    fn types_text(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for types in &self.types {
            match &types.interface {
                Some(interface) => writeln!(f, "\ntypes of {interface}")?,
                None => writeln!(f, "\ntypes")?,
            }
            for line in types.wit.lines().filter(|line| !line.is_empty()) {
                writeln!(f, "  {line}")?;
            }
        }
        Ok(())
    }

    fn imports_text(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.imports.is_empty() {
            return writeln!(f, "\nimports nothing");
        }
        writeln!(f, "\nimports")?;
        for imports in self.imports.chunk_by(|a, b| a.capability == b.capability) {
            let capability = imports[0].capability;
            writeln!(f, "  {capability:<12} {}", capability.note())?;
            for Import { name, problem, .. } in imports {
                match problem {
                    None => writeln!(f, "    {name}")?,
                    Some(problem) => writeln!(f, "    {problem}")?,
                }
            }
        }
        Ok(())
    }

    fn asks_text(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let asks = asks(&self.imports).into_iter().filter(|[key, ..]| !self.asks_for(key));
        let asks: Vec<_> = asks.collect();
        match (asks.is_empty(), &self.package) {
            (true, Some(_)) => return Ok(()),
            (true, None) => return writeln!(f, "\nneeds no wow.toml"),
            (false, Some(_)) => writeln!(f, "\nnot in wow.toml; needed as far as it uses these")?,
            (false, None) => {
                writeln!(
                    f,
                    "\nwow.toml, as far as it uses these\n  version = 1\n  [capabilities]"
                )?;
            }
        }
        for [key, example, when] in asks {
            writeln!(f, "  {key} = {example}  # {when}")?;
        }
        Ok(())
    }
}

/// A sentence and its hint, of which all lines but the first are indented.
fn indented(text: &impl Display, by: &str) -> String {
    text.to_string().replace("\n\n", "\n").replace('\n', &format!("\n{by}"))
}

fn name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Json => "JSON action",
        Shape::Typed(_) => "typed action",
        Shape::Http => "HTTP action",
        Shape::Program => "program",
    }
}
