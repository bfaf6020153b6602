//! `docker version`, `info`, `images` and `pull`: what OpenWhisk asks before it
//! starts containers.

use super::{Asked, list};
use crate::answer::{Answer, Failure};
use crate::arguments::Grammar;
use crate::control::Control;
use crate::{docker, template};
use serde_json::{Map, Value, json};

const GRAMMAR: Grammar = Grammar {
    flags: &["all", "all-tags", "digests", "no-trunc", "quiet"],
    values: &["filter", "format", "platform"],
    letters: &[('a', "all"), ('q', "quiet"), ('f', "format")],
    first_word_ends: false,
};

/// The docker whose commands these are (the one in OpenWhisk's invoker image), and
/// who answers them. OpenWhisk refuses 1.12.
const VERSION: &str = concat!("23.0.6+wow.", env!("CARGO_PKG_VERSION"));

pub(super) fn version_line() -> Answer {
    Answer::data(format!("Docker version {VERSION}, build wow\n"))
}

/// The client's version needs no executor: OpenWhisk's invoker does not start
/// without an answer.
pub(super) fn version(asked: &Asked<'_>) -> Result<Answer, Failure> {
    let arguments = asked.arguments(&GRAMMAR)?;
    let server = || -> Result<Value, Failure> {
        let mut version: Value = Control(asked.config).get("/version")?;
        Ok(version["version"].take())
    };
    if let Some(format) = arguments.value("format") {
        let mut object = Map::from_iter([("Client".to_owned(), json!({ "Version": VERSION }))]);
        if format.contains(".Server") {
            object.insert("Server".to_owned(), json!({ "Version": server()? }));
        }
        return Ok(Answer::data(template::fill(format, &object)? + "\n"));
    }
    let server = server()?;
    Ok(Answer::data(format!(
        "Client: wow-docker\n Version: {VERSION}\n\nServer: wow executor\n Version: {}\n",
        template::show(&server)
    )))
}

pub(super) fn info(asked: &Asked<'_>) -> Result<Answer, Failure> {
    let arguments = asked.arguments(&GRAMMAR)?;
    if let (Some(_), Some(_)) = (arguments.value("format"), &asked.config.docker) {
        return Err(docker::pass(asked.config, asked.line, "`docker info`"));
    }
    let control = Control(asked.config);
    let health: Value = control.get("/health")?;
    let version: Value = control.get("/version")?;
    let facts = Map::from_iter([
        ("ServerVersion".to_owned(), version["version"].clone()),
        ("Containers".to_owned(), health["containers"].clone()),
        ("State".to_owned(), health["state"].clone()),
    ]);
    if let Some(format) = arguments.value("format") {
        return Ok(Answer::data(template::fill(format, &facts)? + "\n"));
    }
    let shown = |name: &str| template::show(facts.get(name).unwrap_or(&Value::Null));
    let ours = Answer::data(format!(
        "Client: wow-docker\n Version: {VERSION}\n\nServer: wow executor\n Version: {}\n State: {}\n \
         Containers: {}\n Images: {}\n",
        shown("ServerVersion"),
        shown("State"),
        shown("Containers"),
        asked.config.images.join(", ")
    ));
    let beside = docker::beside(asked.config, asked.line).unwrap_or_default();
    Ok(ours.and(&beside))
}

/// The images: a pattern stands for all that it matches.
pub(super) fn images(asked: &Asked<'_>) -> Result<Answer, Failure> {
    let arguments = asked.arguments(&GRAMMAR)?;
    let ours = match arguments.words.first() {
        None => asked.config.images.clone(),
        Some(image) if asked.config.hosts(image) => vec![image.clone()],
        Some(_) if asked.config.docker.is_none() => Vec::new(),
        Some(_) => return Err(docker::pass(asked.config, asked.line, "the image")),
    };
    let beside = docker::beside(asked.config, asked.line).filter(|_| arguments.words.is_empty());
    let theirs = beside.unwrap_or_default();
    if arguments.flag("quiet") {
        let ids = ours.iter().map(|image| format!("{}\n", id(image)));
        return Ok(Answer::data(ids.collect::<String>()).and(&theirs));
    }
    let head = ["REPOSITORY", "TAG", "IMAGE ID"].map(str::to_owned);
    let rows = ours.iter().map(|image| {
        // A colon before a slash is a registry's port.
        let tagged = image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
        let (name, tag) = tagged.unwrap_or((image, "latest"));
        [name.to_owned(), tag.to_owned(), id(image)]
    });
    let table = list::table(&[head].into_iter().chain(rows).collect::<Vec<_>>());
    let rows = theirs.stdout.split_once('\n').map_or("", |(_, rows)| rows);
    Ok(Answer { stdout: table + rows, stderr: String::new(), code: theirs.code })
}

/// An image has no bytes here, but what lists images wants an id: FNV-1a of its name.
fn id(image: &str) -> String {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = image.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    format!("{:012x}", hash >> 16)
}

/// The executor needs no image: it is its runtime.
pub(super) fn pull(asked: &Asked<'_>) -> Result<Answer, Failure> {
    let arguments = asked.arguments(&GRAMMAR)?;
    let [image] = &arguments.words[..] else {
        return Err(Failure::new("`docker pull` needs one image"));
    };
    if !asked.config.hosts(image) {
        return Err(docker::pass(asked.config, asked.line, &format!("the image `{image}`")));
    }
    Ok(Answer::data(format!("{image}: the executor is its runtime, there is nothing to pull\n")))
}
