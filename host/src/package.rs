//! What was uploaded: text in, the bytes of one component and what its package says
//! out. Everything here reads strangers' bytes, in memory only.

mod folder;

pub use folder::at;

use crate::error::LoadError;
use crate::manifest::{self, Manifest};
use crate::pages;
use bytes::Bytes;
use std::io::{Cursor, Read};

/// The most bytes that a component may have once unpacked. OpenWhisk's own limit
/// for what is uploaded is 48 MB of base64 (`Exec.scala`); componentize-py's
/// largest components are about 40 MB.
pub const LARGEST_COMPONENT: usize = 128 << 20;

/// The most members that an archive may have.
const MOST_MEMBERS: usize = 1000;

/// The member that is run; without it, the only `*.wasm` at the top is.
pub(crate) const MEMBER: &str = "action.wasm";

/// The most bytes of a `wow.toml`.
const LARGEST_MANIFEST: usize = 64 << 10;

/// A package: a component, and what it says of itself.
#[derive(Debug, PartialEq)]
pub struct Package {
    /// The component.
    pub component: Bytes,
    /// What is in its `wow.toml`; without one, nothing.
    pub manifest: Manifest,
    /// The text of that.
    pub manifest_text: Option<Vec<u8>>,
}

impl Package {
    fn new(component: Bytes, manifest_text: Option<Vec<u8>>) -> Result<Self, LoadError> {
        let manifest = manifest_text.as_deref().map(Manifest::read).transpose()?;
        Ok(Self { component, manifest: manifest.unwrap_or_default(), manifest_text })
    }
}

/// The package in what was uploaded: base64 of a zip archive or of a component alone.
pub fn upload(code: &[u8]) -> Result<Package, LoadError> {
    let code = code.trim_ascii();
    match decode(code) {
        Some(bytes) => open(bytes),
        None => Err(not_base64(&String::from_utf8_lossy(code))),
    }
}

fn decode(code: &[u8]) -> Option<Bytes> {
    let base64 = base64_simd::STANDARD;
    let length = base64.decoded_length(code).ok()?;
    if let Ok(Some(mut pages)) = pages::take(length) {
        let length = base64.decode(code, base64_simd::Out::from_slice(&mut pages)).ok()?.len();
        return Some(pages::share(pages, length));
    }
    base64.decode_to_vec(code).ok().map(Bytes::from)
}

/// The component in the bytes of a file.
pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Bytes, LoadError> {
    Ok(open(bytes)?.component)
}

/// The package in the bytes of a file.
pub fn open(bytes: impl Into<Bytes>) -> Result<Package, LoadError> {
    let bytes = bytes.into();
    match Format::sniff(&bytes) {
        Format::Component => Package::new(bytes, None),
        Format::Zip => {
            let (member, manifest_text) = unzip(&bytes)?;
            Package::new(component_in(member, "the member of the archive is")?, manifest_text)
        }
        other => Err(other.refusal("the code is", &bytes)),
    }
}

/// A file of a package, if it is a component.
fn component_in(bytes: Vec<u8>, subject: &str) -> Result<Bytes, LoadError> {
    match Format::sniff(&bytes) {
        Format::Component => Ok(bytes.into()),
        other => Err(other.refusal(subject, &bytes)),
    }
}

/// What bytes say they are.
#[derive(Debug, PartialEq)]
enum Format {
    Component,
    CoreModule,
    Zip,
    Gzip,
    Elf,
    Unknown,
}

impl Format {
    /// WebAssembly's header is `\0asm`, a version, and a layer: 0 for a core
    /// module, 1 for a component.
    fn sniff(bytes: &[u8]) -> Self {
        match bytes {
            [0, b'a', b's', b'm', _, _, 1, 0, ..] => Self::Component,
            [0, b'a', b's', b'm', ..] => Self::CoreModule,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x7f, b'E', b'L', b'F', ..] => Self::Elf,
            _ => Self::Unknown,
        }
    }

    fn refusal(&self, subject: &str, bytes: &[u8]) -> LoadError {
        const BUILD: &str = "build a component, in Rust with `cargo build --target wasm32-wasip2`";
        match self {
            Self::CoreModule => {
                LoadError::new(format!("{subject} a core module, not a component")).hint(BUILD)
            }
            Self::Zip => LoadError::new(format!("{subject} an archive in an archive"))
                .hint(format!("put {MEMBER} at the top of one zip archive")),
            Self::Gzip => LoadError::new(format!("{subject} a gzip or tar archive"))
                .hint(format!("make a zip archive: `zip action.zip {MEMBER}`")),
            // wasmtime's own format is ELF: to run it would be to run a stranger's machine code.
            Self::Elf => LoadError::new(format!(
                "{subject} machine code (an ELF file, such as a `.cwasm`), which is never run"
            ))
            .hint("upload the component itself: the platform compiles it"),
            Self::Component | Self::Unknown => {
                LoadError::new(format!("{subject} not a component: {}", excerpt(bytes))).hint(BUILD)
            }
        }
    }
}

/// Unknown bytes in short, for a developer who wonders which file was sent.
fn excerpt(bytes: &[u8]) -> String {
    let length = plural(bytes.len(), "byte");
    match bytes.get(..8) {
        Some(start) => format!("{length} that begin with \"{}\"", start.escape_ascii()),
        None if bytes.is_empty() => "it is empty".to_owned(),
        None => format!("{length}, \"{}\"", bytes.escape_ascii()),
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Why text is not base64: mostly because something else was uploaded.
fn not_base64(code: &str) -> LoadError {
    // `wsk` sends a file that is not `.zip` as text, and text has no place for a component's
    // bytes: what is not UTF-8 became U+FFFD, and the component is lost.
    if code.starts_with("\0asm") {
        return LoadError::new("the component was mangled on its way, since `wsk` sent it as text")
            .hint(format!(
                "upload a zip archive: `zip action.zip {MEMBER}`, then `wsk action create NAME \
                 action.zip --kind wasm:1`"
            ));
    }
    if code.starts_with("(component") || code.starts_with("(module") {
        return LoadError::new("the code is WebAssembly's text format")
            .hint("assemble it first: `wasm-tools parse action.wat -o action.wasm`");
    }
    let alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let body = code.trim_end_matches('=');
    match body.bytes().position(|byte| !alphabet(&byte)) {
        Some(offset) => LoadError::new(format!(
            "the code is not base64: character {:?} at byte {offset}",
            body[floor(body, offset)..].chars().next().unwrap_or_default()
        )),
        None => LoadError::new(format!(
            "the code is not base64: {} and {} `=` do not make groups of 4",
            plural(body.len(), "character"),
            code.len() - body.len()
        )),
    }
    .hint("encode a zip archive or a component with `base64 -w0`; the alphabet is `A-Za-z0-9+/`, padded with `=`")
}

/// The start of the character that `offset` is in.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
}

/// The component and the text of the manifest in a zip archive. Two members are read, to memory,
/// and never more of them than they may have: an archive can claim any size.
fn unzip(archive: &[u8]) -> Result<(Vec<u8>, Option<Vec<u8>>), LoadError> {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).map_err(|e| broken(&e))?;
    if zip.len() > MOST_MEMBERS {
        return Err(LoadError::new(format!(
            "the zip archive has {} members, more than {MOST_MEMBERS}",
            zip.len()
        )));
    }
    let names: Vec<_> = zip.file_names().collect::<Result<_, _>>().map_err(|e| broken(&e))?;
    let name = member(names.iter().map(AsRef::as_ref), "the zip archive")?;
    let described = names.iter().any(|name| name.as_ref() == manifest::NAME);
    drop(names);
    let manifest = match described {
        true => Some(inflate(&mut zip, manifest::NAME, LARGEST_MANIFEST, "KB", 10)?),
        false => None,
    };
    Ok((inflate(&mut zip, &name, LARGEST_COMPONENT, "MB", 20)?, manifest))
}

/// A member's bytes, if there are not more than `most`.
fn inflate(
    zip: &mut zip::ZipArchive<Cursor<&[u8]>>,
    name: &str,
    most: usize,
    unit: &str,
    shift: u32,
) -> Result<Vec<u8>, LoadError> {
    let mut file = zip.by_name(name).map_err(|e| broken(&e))?;
    let mut bytes = Vec::new();
    let room = most as u64 + 1;
    file.by_ref().take(room).read_to_end(&mut bytes).map_err(|e| broken(&e))?;
    if bytes.len() > most {
        let most = most >> shift;
        return Err(LoadError::new(format!("{name} is larger than {most} {unit} unpacked")));
    }
    Ok(bytes)
}

fn broken(cause: &dyn std::fmt::Display) -> LoadError {
    LoadError::new(format!("the zip archive is broken: {cause}"))
}

/// Which member of an archive to run, or which file of a folder.
fn member<'a>(names: impl Iterator<Item = &'a str>, subject: &str) -> Result<String, LoadError> {
    let candidates: Vec<_> =
        names.filter(|name| name.ends_with(".wasm") && !name.contains(['/', '\\'])).collect();
    match candidates.as_slice() {
        _ if candidates.contains(&MEMBER) => Ok(MEMBER.to_owned()),
        [only] => Ok((*only).to_owned()),
        [] => Err(LoadError::new(format!("{subject} has no {MEMBER} at its top"))
            .hint(format!("make one without folders: `zip -j action.zip path/to/{MEMBER}`"))),
        several => Err(LoadError::new(format!(
            "{subject} has {} components at its top and none is called {MEMBER}: {}",
            several.len(),
            several.join(", ")
        ))
        .hint(format!("call the one to run {MEMBER}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64_simd::STANDARD;
    use std::io::Write as _;
    use zip::write::{SimpleFileOptions, ZipWriter};

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            zip.start_file(*name, SimpleFileOptions::default()).expect("start");
            zip.write_all(bytes).expect("write");
        }
        zip.finish().expect("finish").into_inner()
    }

    fn refusal(bytes: &[u8]) -> String {
        upload(STANDARD.encode_to_string(bytes).as_bytes()).expect_err("refused").to_string()
    }

    #[test]
    fn a_component_is_found_raw_and_in_an_archive() {
        for bytes in [
            COMPONENT.to_vec(),
            zip(&[("action.wasm", COMPONENT)]),
            zip(&[("hello.wasm", COMPONENT), ("README.md", b"x"), ("old/b.wasm", b"x")]),
            zip(&[("a.wasm", b"x"), ("action.wasm", COMPONENT)]),
        ] {
            let code = format!("\n{}\n", STANDARD.encode_to_string(&bytes));
            let package = upload(code.as_bytes()).expect("a package");
            assert_eq!(package.component, Bytes::from_static(COMPONENT));
            assert_eq!(package.manifest, Manifest::default());
        }
    }

    #[test]
    fn a_package_says_what_it_asks_for() {
        let manifest = b"version = 1\n[capabilities]\ntmp = true";
        let archive = zip(&[("action.wasm", COMPONENT), ("wow.toml", manifest)]);
        assert!(open(archive).expect("a package").manifest.capabilities.tmp);
        // Only at the top.
        let archive = zip(&[("action.wasm", COMPONENT), ("src/wow.toml", b"version = 9")]);
        assert_eq!(open(archive).expect("a package").manifest, Manifest::default());
        let wrong = zip(&[("action.wasm", COMPONENT), ("wow.toml", b"version = 9")]);
        assert_eq!(refusal(&wrong), "wow.toml is of version 9, this host reads version 1");
        let long = zip(&[("action.wasm", COMPONENT), ("wow.toml", &[b'#'; 65537])]);
        assert_eq!(refusal(&long), "wow.toml is larger than 64 KB unpacked");
    }

    #[test]
    fn i_01_what_is_not_base64_is_named_with_its_place() {
        let refusals: Vec<_> = [
            "function main(params) { return params; }",
            "AAA_",
            "AAAA\nAAAA",
            "AAAAA",
            "AAA==",
            "aé==",
            "\0asm\u{fffd}\0\u{1}\0",
            "(component)",
        ]
        .iter()
        .map(|code| upload(code.as_bytes()).expect_err("refused").to_string())
        .collect();
        insta::assert_snapshot!(refusals.join("\n\n"));
    }

    #[test]
    fn i_04_foreign_bytes_are_called_what_they_are() {
        let refusals: Vec<_> = [
            &b"\0asm\x01\0\0\0"[..],
            b"\x7fELF\x02\x01\x01\0",
            b"\x1f\x8b\x08\0\0\0\0\0",
            b"GIF89a\x01\0\x01",
            b"x",
            b"PK\x03\x04 not really",
            &zip(&[("action.wasm", &zip(&[("action.wasm", COMPONENT)]))]),
            &zip(&[("action.wasm", b"\x7fELF\x02\x01\x01\0")]),
            &zip(&[("action.wasm", b"")]),
            &zip(&[("main.js", b"x")]),
            &zip(&[("bin/action.wasm", COMPONENT)]),
            &zip(&[("a.wasm", COMPONENT), ("b.wasm", COMPONENT)]),
            &zip(&[]),
        ]
        .map(refusal)
        .into();
        insta::assert_snapshot!(refusals.join("\n\n"));
    }

    #[test]
    fn i_02_a_bomb_stops_at_the_limit() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("action.wasm", SimpleFileOptions::default()).expect("start");
        let megabyte = vec![0; 1 << 20];
        for _ in 0..(LARGEST_COMPONENT >> 20) + 1 {
            zip.write_all(&megabyte).expect("write");
        }
        let bomb = zip.finish().expect("finish").into_inner();
        assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
        assert_eq!(refusal(&bomb), "action.wasm is larger than 128 MB unpacked");
        let many: Vec<_> = (0..=MOST_MEMBERS).map(|n| format!("{n}.txt")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(
            refusal(&super::tests::zip(&many)),
            "the zip archive has 1001 members, more than 1000"
        );
    }

    #[test]
    fn i_04_an_archive_cut_anywhere_is_refused() {
        let archive = zip(&[("action.wasm", &COMPONENT.repeat(50))]);
        for length in (4..archive.len()).step_by(7) {
            let refusal = refusal(&archive[..length]);
            assert!(refusal.starts_with("the zip archive is broken: "), "{length}: {refusal}");
        }
    }
}
