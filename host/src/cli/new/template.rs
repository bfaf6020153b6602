//! What a new project is made of: the template of its language, and the SDK as it is in
//! this repository, since no registry has it. Writes nothing.

use super::Language;
use include_dir::{Dir, File, include_dir};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The contents of a project, by path.
pub(super) type Files = BTreeMap<String, Cow<'static, [u8]>>;

/// Ends the name of a file in which the project's name stands.
const UNFINISHED: &str = ".in";
/// Stands for the project's name.
const NAME: &str = "{{name}}";
/// Stands for what the build of JavaScript needs.
const DEPENDENCIES: &str = "{{dependencies}}";

static ASSEMBLYSCRIPT: Dir =
    include_dir!("$CARGO_MANIFEST_DIR/src/cli/new/templates/assemblyscript");
static RUST: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/cli/new/templates/rust");

static JAVASCRIPT: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/cli/new/templates/javascript");
static PYTHON: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/cli/new/templates/python");

/// The component of the AssemblyScript template, as `cargo xtask prebuilt` made it.
pub(super) const PREBUILT: &[u8] = include_bytes!("prebuilt/hello.wasm");

static WIT: Dir = include_dir!("$CARGO_MANIFEST_DIR/../wit");

/// The folders of the npm package `wow-action`.
static NPM: [(&str, Dir); 4] = [
    ("assembly", include_dir!("$CARGO_MANIFEST_DIR/../sdk-assemblyscript/assembly")),
    ("bin", include_dir!("$CARGO_MANIFEST_DIR/../sdk-assemblyscript/bin")),
    ("compiler", include_dir!("$CARGO_MANIFEST_DIR/../sdk-assemblyscript/compiler")),
    ("types", include_dir!("$CARGO_MANIFEST_DIR/../sdk-assemblyscript/types")),
];
const NPM_MANIFEST: &str = include_str!("../../../../sdk-assemblyscript/package.json");

/// The folders of the crate `wow-action`.
static CRATE: [(&str, Dir); 2] = [
    ("src", include_dir!("$CARGO_MANIFEST_DIR/../sdk-rust/src")),
    ("macros/src", include_dir!("$CARGO_MANIFEST_DIR/../sdk-rust/macros/src")),
];
const CRATE_MANIFESTS: [(&str, &str); 2] = [
    ("Cargo.toml", include_str!("../../../../sdk-rust/Cargo.toml")),
    ("macros/Cargo.toml", include_str!("../../../../sdk-rust/macros/Cargo.toml")),
];
/// The example that the crate's documentation shows.
const EXAMPLE: &str = include_str!("../../../../sdk-rust/examples/hello.rs");

/// What makes a component of a function in JavaScript, and what has to be installed for it.
static JS: Dir = include_dir!("$CARGO_MANIFEST_DIR/../sdk-javascript/wow");
const JS_MANIFEST: &str = include_str!("../../../../sdk-javascript/package.json");

/// The same for Python.
const PY: [(&str, &str); 2] = [
    ("sdk/wow_action.py", include_str!("../../../../sdk-python/wow_action.py")),
    ("sdk/requirements.txt", include_str!("../../../../sdk-python/requirements.txt")),
];

/// Everything that is in a new project but what is built.
pub(super) fn files(language: Language, name: &str) -> Files {
    let mut files = Files::new();
    let template = match language {
        Language::Assemblyscript => {
            npm(&mut files);
            &ASSEMBLYSCRIPT
        }
        Language::Javascript => {
            put(&mut files, "wow", &JS);
            &JAVASCRIPT
        }
        Language::Python => {
            files.extend(PY.map(|(path, text)| (path.to_owned(), text.as_bytes().into())));
            put(&mut files, "sdk/wit", &WIT);
            &PYTHON
        }
        Language::Rust => {
            cargo(&mut files);
            &RUST
        }
    };
    for file in all(template) {
        let path = file.path().to_string_lossy();
        let (path, contents) = match (path.strip_suffix(UNFINISHED), file.contents_utf8()) {
            (Some(path), Some(text)) => (path, finished(text, name).into_bytes().into()),
            _ => (&*path, Cow::Borrowed(file.contents())),
        };
        files.insert(path.to_owned(), contents);
    }
    files
}

fn finished(text: &str, name: &str) -> String {
    let text = text.replace(NAME, name);
    if !text.contains(DEPENDENCIES) {
        return text;
    }
    let manifest: serde_json::Value = serde_json::from_str(JS_MANIFEST).unwrap_or_default();
    text.replace(DEPENDENCIES, &manifest["dependencies"].to_string())
}

/// The npm package, in `sdk/wow-action`.
fn npm(files: &mut Files) {
    for (folder, contents) in &NPM {
        put(files, &format!("sdk/wow-action/{folder}"), contents);
    }
    put(files, "sdk/wow-action/wit", &WIT);
    files.insert("sdk/wow-action/package.json".to_owned(), used(NPM_MANIFEST).into_bytes().into());
}

/// An npm package's manifest without what only its own developers need.
fn used(manifest: &str) -> String {
    const OURS: [&str; 3] = ["devDependencies", "overrides", "scripts"];
    let mut manifest: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(manifest).unwrap_or_default();
    manifest.retain(|key, _| !OURS.contains(&key.as_str()));
    format!("{:#}\n", serde_json::Value::Object(manifest))
}

/// The crate and its macros, in `sdk/wow-action`.
fn cargo(files: &mut Files) {
    for (folder, contents) in &CRATE {
        put(files, &format!("sdk/wow-action/{folder}"), contents);
    }
    put(files, "sdk/wow-action/wit", &WIT);
    for (path, manifest) in CRATE_MANIFESTS {
        files.insert(format!("sdk/wow-action/{path}"), alone(manifest).into_bytes().into());
    }
    files.insert("sdk/wow-action/examples/hello.rs".to_owned(), EXAMPLE.as_bytes().into());
}

/// A crate's manifest without what it has of this repository's workspace.
fn alone(manifest: &str) -> String {
    let inherited = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("edition", "2024"),
        ("rust-version", env!("CARGO_PKG_RUST_VERSION")),
        ("license", env!("CARGO_PKG_LICENSE")),
    ];
    let mut manifest = manifest.replace("[lints]\nworkspace = true\n", "");
    for (key, value) in inherited {
        manifest = manifest
            .replace(&format!("\n{key}.workspace = true"), &format!("\n{key} = \"{value}\""));
    }
    manifest
}

fn put(files: &mut Files, below: &str, folder: &'static Dir) {
    for file in all(folder) {
        let path = format!("{below}/{}", file.path().display());
        files.insert(path, file.contents().into());
    }
}

/// The files in a folder and in those below it.
fn all(folder: &'static Dir) -> Vec<&'static File<'static>> {
    let below = folder.dirs().flat_map(all);
    folder.files().chain(below).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    /// The paths of the files in a folder of the repository, from there.
    fn there(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = below.join(entry.file_name());
            match entry.path().is_dir() {
                true => there(&entry.path(), &path, found),
                false => found.push(path),
            }
        }
    }

    #[test]
    fn the_sdks_are_whole() {
        let sdks = NPM.iter().map(|(name, dir)| (format!("sdk-assemblyscript/{name}"), dir));
        let crates = CRATE.iter().map(|(name, dir)| (format!("sdk-rust/{name}"), dir));
        let others = [("wit".to_owned(), &WIT), ("sdk-javascript/wow".to_owned(), &JS)];
        for (folder, embedded) in sdks.chain(crates).chain(others) {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(&folder);
            let (mut files, mut ours) = (Vec::new(), Vec::new());
            there(&root, Path::new(""), &mut files);
            for file in all_of(embedded) {
                let now = std::fs::read(root.join(file.path())).expect("a file");
                assert_eq!(file.contents(), now, "{folder}: {}", file.path().display());
                ours.push(file.path().to_owned());
            }
            files.sort();
            ours.sort();
            assert_eq!(ours, files, "{folder}");
        }
    }

    fn all_of<'a>(folder: &'a Dir<'a>) -> Vec<&'a File<'a>> {
        folder.files().chain(folder.dirs().flat_map(all_of)).collect()
    }

    #[test]
    fn a_package_brings_only_what_an_action_is_built_with() {
        let manifest: serde_json::Value = serde_json::from_str(&used(NPM_MANIFEST)).expect("JSON");
        let keys: Vec<_> = manifest.as_object().expect("an object").keys().collect();
        let expected = [
            "ascMain",
            "bin",
            "dependencies",
            "description",
            "engines",
            "exports",
            "files",
            "license",
            "name",
            "type",
            "types",
            "version",
        ];
        assert_eq!(keys, expected);
    }

    #[test]
    fn a_crate_stands_without_its_workspace() {
        for (path, manifest) in CRATE_MANIFESTS {
            let manifest = alone(manifest);
            assert!(!manifest.contains("workspace"), "{path}: {manifest}");
            toml::from_str::<toml::Table>(&manifest).expect("TOML");
        }
    }
}
