//! In which order the functions of a release lie in its file. The kernel maps a file by pieces of
//! 64 KB: what a start touches costs a page fault and memory for each piece, so functions that run
//! together are put together. As the profile, it is recorded by hand and kept (docs/decisions/0014).

use super::profile::Profdata;
use crate::root;
use anyhow::{Context as _, ensure};
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;
use std::process::Command;

/// Mangled names, a line each. The linker passes over those that it does not know.
const ORDER: &str = "host/wow.order";

/// How often a function ran that is hot: what only starts and first calls do is far below.
const HOT: u64 = 50_000;

/// What the last call of the compiler is told, for the linker; rustc's own, which it takes on
/// x86-64, is the one that orders functions.
pub(super) fn flags() -> anyhow::Result<Vec<String>> {
    if std::env::consts::ARCH != "x86_64" {
        return Ok(Vec::new());
    }
    let order = fs::read(root().join(ORDER)).with_context(|| format!("cannot read {ORDER}"))?;
    // cargo links again when its arguments change, and does not look into files: so the name says
    // what is in it.
    let mut hasher = DefaultHasher::new();
    order.hash(&mut hasher);
    let file = root().join(format!("target/order/{:016x}", hasher.finish()));
    fs::create_dir_all(file.parent().context("it has a folder")?)?;
    fs::write(&file, order)?;
    let file = file.display();
    let order = format!("-Clink-arg=-Wl,--symbol-ordering-file={file},--no-warn-symbol-ordering");
    Ok(vec!["--".to_owned(), order])
}

/// Writes the order down: what is hot, then what a start needs, what a first call does, and what
/// else ran; each as the linker had it in `plain`, which is near its callers.
pub(super) fn write(
    plain: &Path,
    all: &Profdata,
    start: &Profdata,
    first: &Profdata,
) -> anyhow::Result<()> {
    let symbols = Command::new("nm").arg("--numeric-sort").arg(plain).output();
    let symbols = symbols.context("cannot run `nm`")?;
    ensure!(symbols.status.success(), "`nm` cannot read {}", plain.display());
    let symbols = String::from_utf8(symbols.stdout)?;
    // `0000000000644510 t _ZN…`
    let names = symbols.lines().filter_map(|line| line.split(' ').nth(2)).enumerate();
    let place: HashMap<_, _> = names.map(|(place, name)| (name, place)).collect();
    let (all, start, first) = (all.functions()?, start.functions()?, first.functions()?);
    let hot = all.iter().filter(|(_, count)| **count >= HOT).map(|(name, _)| name);
    let groups =
        [hot.collect(), start.keys().collect(), first.keys().collect(), all.keys().collect()];
    let order = order(&place, groups);
    fs::write(ORDER, order.iter().flat_map(|name| [name, "\n"]).collect::<String>())?;
    println!("{ORDER}: {} functions", order.len());
    Ok(())
}

/// The names of all groups, each once, in the first that has it.
fn order<'a>(place: &HashMap<&'a str, usize>, groups: [Vec<&String>; 4]) -> Vec<&'a str> {
    let (mut done, mut order) = (HashSet::new(), Vec::new());
    for group in groups {
        let known = group.into_iter().filter_map(|name| place.get_key_value(name.as_str()));
        let mut new: Vec<_> = known.filter(|(name, _)| done.insert(**name)).collect();
        new.sort_by_key(|(_, place)| **place);
        order.extend(new.into_iter().map(|(name, _)| *name));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_stands_once_with_the_first_that_need_it() {
        let place = HashMap::from([("a", 0), ("b", 1), ("c", 2), ("d", 3)]);
        let [a, b, c, d, gone] = ["a", "b", "c", "d", "gone"].map(str::to_owned);
        let groups = [vec![&d, &gone], vec![&c, &b], vec![&b, &d], vec![&a, &b, &c, &d]];
        assert_eq!(order(&place, groups), ["d", "b", "c", "a"]);
    }
}
