//! `docker ps`: the executor's containers, then those of the real docker.

use super::Asked;
use crate::answer::{Answer, Failure};
use crate::arguments::{Arguments, Grammar};
use crate::control::{Container, Control, escape};
use crate::{docker, template};
use serde::Deserialize;
use serde_json::json;

const GRAMMAR: Grammar = Grammar {
    flags: &["all", "no-trunc", "quiet", "size", "latest"],
    values: &["filter", "format", "last"],
    letters: &[
        ('a', "all"),
        ('q', "quiet"),
        ('s', "size"),
        ('f', "filter"),
        ('n', "last"),
        ('l', "latest"),
    ],
    first_word_ends: false,
};

/// The digits of an id in a table.
const SHORT_ID: usize = 12;

#[derive(Deserialize)]
struct Listed {
    containers: Vec<Container>,
}

pub(super) fn answer(asked: &Asked<'_>) -> Result<Answer, Failure> {
    let arguments = asked.arguments(&GRAMMAR)?;
    let filters = filters(&arguments)?;
    // Every virtual container runs or is paused, and docker lists both.
    let mut path = "/containers?all=true".to_owned();
    if let [Filter { key: "name", value }] = filters[..]
        && escape(value) == value
    {
        path += &format!("&name={value}");
    }
    let listed: Listed = Control(asked.config).get(&path)?;
    let mut containers = listed.containers;
    containers.retain(|container| is_meant(container, &filters));
    // Docker begins with the newest.
    containers.reverse();
    let beside = docker::beside(asked.config, asked.line);
    let ours = show(&containers, &arguments)?;
    Ok(match beside {
        Some(beside) => merge(ours, &beside, &arguments),
        None => Answer::data(ours),
    })
}

/// One table out of two has one head.
fn merge(ours: String, beside: &Answer, arguments: &Arguments) -> Answer {
    let has_head = !arguments.flag("quiet") && arguments.value("format").is_none();
    let theirs = match beside.stdout.split_once('\n') {
        Some((_, rows)) if has_head => rows,
        _ => &beside.stdout,
    };
    // Where the real docker is away, its words on stderr say so. Who lists to clean up, as OpenWhisk
    // does when it starts, must not leave ours for that.
    Answer { stdout: ours + theirs, stderr: beside.stderr.clone(), code: 0 }
}

struct Filter<'a> {
    key: &'a str,
    value: &'a str,
}

/// A filter that nobody knows is an error: what `ps` lists is removed next.
fn filters(arguments: &Arguments) -> Result<Vec<Filter<'_>>, Failure> {
    let read = |filter| {
        let (key, value) = str::split_once(filter, '=').unwrap_or((filter, ""));
        match key {
            "name" | "id" | "label" | "status" | "ancestor" => Ok(Filter { key, value }),
            _ => Err(Failure::new(format!(
                "cannot filter by `{key}`\n\nhint: name, id, label, status and ancestor are known"
            ))),
        }
    };
    arguments.values("filter").map(read).collect()
}

/// Docker's rule: of one key any, of several keys all.
fn is_meant(container: &Container, filters: &[Filter<'_>]) -> bool {
    let of_key = |key| filters.iter().filter(move |filter| filter.key == key);
    let holds = |key| of_key(key).next().is_none() || of_key(key).any(|f| fits(container, f));
    ["name", "id", "label", "status", "ancestor"].into_iter().all(holds)
}

fn fits(container: &Container, filter: &Filter<'_>) -> bool {
    let value = filter.value;
    match filter.key {
        "name" => container.name.contains(value),
        "id" => container.id.starts_with(value),
        "status" => status(container) == value,
        "ancestor" => container.image == value || container.image.starts_with(&format!("{value}:")),
        _ => match value.split_once('=') {
            Some((name, value)) => container.labels.get(name).is_some_and(|known| known == value),
            None => container.labels.contains_key(value),
        },
    }
}

fn status(container: &Container) -> &'static str {
    if container.is_paused() { "paused" } else { "running" }
}

/// Ids, what a template makes of each, or a table.
fn show(containers: &[Container], arguments: &Arguments) -> Result<String, Failure> {
    let id = |container: &Container| {
        let digits = if arguments.flag("no-trunc") { usize::MAX } else { SHORT_ID };
        container.id.chars().take(digits).collect::<String>()
    };
    let mut shown = String::new();
    if arguments.flag("quiet") {
        containers.iter().for_each(|container| shown += &format!("{}\n", id(container)));
        return Ok(shown);
    }
    let rows = containers.iter().map(|container| row(container, &id(container)));
    if let Some(format) = arguments.value("format") {
        for row in rows {
            let keys = ["ID", "Image", "CreatedAt", "Status", "Ports", "Names"];
            let object = keys.iter().zip(row).map(|(key, cell)| ((*key).to_owned(), json!(cell)));
            shown += &template::fill(format, &object.collect())?;
            shown.push('\n');
        }
        return Ok(shown);
    }
    let head = ["CONTAINER ID", "IMAGE", "CREATED", "STATUS", "PORTS", "NAMES"];
    Ok(table(&[head.map(str::to_owned)].into_iter().chain(rows).collect::<Vec<_>>()))
}

fn row(container: &Container, id: &str) -> [String; 6] {
    let status = if container.is_paused() { "Up (Paused)" } else { "Up" };
    let ports = format!("{}:{}->8080/tcp", container.address, container.port);
    let Container { image, created, name, .. } = container;
    [id.to_owned(), image.clone(), created.clone(), status.to_owned(), ports, name.clone()]
}

/// Columns as wide as their widest cell, three spaces apart.
pub(super) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let mut table = String::new();
    for row in rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}   "));
        table += cells.collect::<String>().trim_end();
        table.push('\n');
    }
    table
}
