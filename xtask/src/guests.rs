//! Builds the guests, with the toolchains that it finds or makes.

mod c;
mod componentize_js;
mod go;
mod javascript;
mod python;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::assemblyscript;
use crate::cargo_command;
use crate::fresh::is_fresh;

const TARGET: &str = "wasm32-wasip2";

/// What a component begins with, in the component model's `Binary.md`: the magic,
/// version 13, layer 1. A core module is of layer 0.
const COMPONENT: [u8; 8] = *b"\0asm\x0d\0\x01\0";

/// Builds every `guests/<behaviour>/<language>` into
/// `target/guests/<behaviour>.<language>.wasm`: Rust always, the others if their compilers are
/// here. What takes minutes is left out.
pub(crate) fn build() -> anyhow::Result<()> {
    build_those(false)
}

/// Builds them with what takes minutes and large downloads.
pub(crate) fn build_all() -> anyhow::Result<()> {
    build_those(true)
}

fn build_those(all: bool) -> anyhow::Result<()> {
    let root = root();
    let components = root.join("target/guests");
    fs::create_dir_all(&components)?;
    let started = Instant::now();
    let built = release(&root, &[])?;

    let mut count = 0;
    let guests = root.join("guests");
    for (folder, package) in [("rust", ""), ("wstd", "_wstd")] {
        for behaviour in behaviours(&guests, folder)? {
            let bytes = component(&built.join(format!("{behaviour}{package}.wasm")))?;
            // Written anew rather than linked: whoever compares times sees that it is fresh.
            fs::write(components.join(format!("{behaviour}.{folder}.wasm")), bytes)?;
            count += 1;
        }
    }
    let mut skipped = Vec::new();
    for language in &LANGUAGES {
        for behaviour in behaviours(&guests, language.name)? {
            match language.guest(&root, &behaviour, &components, all)? {
                Ok(()) => count += 1,
                Err(why) => skipped.push(format!("{behaviour}.{}: {why}", language.name)),
            }
        }
    }
    count += assemblyscript_guests(&root, &components, &mut skipped)?;
    for guest in &skipped {
        println!("guests: skipped {guest}");
    }
    let (elapsed, skipped) = (seconds(started.elapsed()), skipped.len());
    println!("guests: {count} in {}, {skipped} skipped, {elapsed}", components.display());
    Ok(())
}

/// A language whose guests are built one by one.
struct Language {
    /// Its folder below a behaviour's.
    name: &'static str,
    /// What its guests are made of beside their own folder and `wit/`.
    sdk: Option<&'static str>,
    build: Build,
    /// Whether a behaviour is built where nobody asks for all.
    always: fn(&str) -> bool,
}

/// Builds a behaviour into a file, or says why it cannot be built here.
type Build = fn(&Path, &str, &Path) -> anyhow::Result<Result<(), String>>;

const LANGUAGES: [Language; 5] = [
    Language { name: "c", sdk: None, build: c::build, always: |_| true },
    Language {
        name: "javascript",
        sdk: Some("sdk-javascript"),
        build: javascript::build,
        always: |_| true,
    },
    // A quarter of a minute each, and as much to compile it.
    Language {
        name: "python",
        sdk: Some("sdk-python"),
        build: python::build,
        always: |behaviour| behaviour == "hello",
    },
    Language { name: "go", sdk: None, build: go::build, always: |_| false },
    Language {
        name: "componentize-js",
        sdk: None,
        build: componentize_js::build,
        always: |_| false,
    },
];

impl Language {
    /// Builds a guest if it is wanted and not yet there, or says why there is none.
    fn guest(
        &self,
        root: &Path,
        behaviour: &str,
        components: &Path,
        all: bool,
    ) -> anyhow::Result<Result<(), String>> {
        let file = components.join(format!("{behaviour}.{}.wasm", self.name));
        let own = root.join("guests").join(behaviour).join(self.name);
        let shared = self.sdk.into_iter().chain(["wit"]).map(|folder| root.join(folder));
        if is_fresh(&file, &shared.chain([own]).collect::<Vec<_>>())? {
            return Ok(Ok(()));
        }
        let done = match all || (self.always)(behaviour) {
            true => (self.build)(root, behaviour, &file)?,
            false => Err("it takes long; hint: `cargo xtask guests --all`".to_owned()),
        };
        match &done {
            Ok(()) => component(&file).map(drop)?,
            // One of older sources is none.
            Err(_) if file.exists() => fs::remove_file(&file)?,
            Err(_) => (),
        }
        Ok(done)
    }
}

/// Copies a folder, and what links in it are to, but for what npm installed there.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (name, from) = entry.map(|entry| (entry.file_name(), entry.path()))?;
        if name == "node_modules" {
            continue;
        }
        let to = to.join(name);
        match from.is_dir() {
            true => copy(&from, &to)?,
            false => fs::copy(&from, &to).map(drop)?,
        }
    }
    Ok(())
}

/// Builds those in AssemblyScript, and says how many.
fn assemblyscript_guests(
    root: &Path,
    components: &Path,
    skipped: &mut Vec<String>,
) -> anyhow::Result<usize> {
    let behaviours = behaviours(&root.join("guests"), "assemblyscript")?;
    if !assemblyscript::is_there() {
        let why = |behaviour| format!("{behaviour}.assemblyscript: there is no Node.js 20");
        skipped.extend(behaviours.iter().map(why));
        return Ok(0);
    }
    assemblyscript::build(root, &behaviours, components)?;
    for behaviour in &behaviours {
        component(&components.join(format!("{behaviour}.assemblyscript.wasm")))?;
    }
    Ok(behaviours.len())
}

/// Builds `guests/peers/hello-http`, and says where it is.
pub(crate) fn hello_http() -> anyhow::Result<PathBuf> {
    let file = release(&root(), &["-p", "hello-http"])?.join("hello_http.wasm");
    component(&file)?;
    Ok(file)
}

/// Builds what cargo is told to, and gives the folder where it is.
fn release(root: &Path, what: &[&str]) -> anyhow::Result<PathBuf> {
    let built = root.join("target/guests-build");
    let rustc = toolchain(root, &built)?;
    println!("guests: building with `{}`", rustc.display());
    run(clean(&mut cargo_command())
        .args(["build", "--locked", "--release", "--target", TARGET])
        .args(what)
        .current_dir(root.join("guests"))
        .env("RUSTC", &rustc)
        .env("CARGO_TARGET_DIR", &built))?;
    Ok(built.join(TARGET).join("release"))
}

/// Reads what must have become a component.
fn component(file: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = fs::read(file).with_context(|| format!("no guest became {}", file.display()))?;
    ensure!(bytes.starts_with(&COMPONENT), "{} is not a component", file.display());
    Ok(bytes)
}

/// The directories of `guests/` that have a guest in a language, sorted.
fn behaviours(guests: &Path, language: &str) -> anyhow::Result<Vec<String>> {
    let mut behaviours = Vec::new();
    for entry in fs::read_dir(guests)? {
        let entry = entry?;
        if entry.path().join(language).is_dir() && entry.path().join("cases.json").is_file() {
            behaviours.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    behaviours.sort();
    Ok(behaviours)
}

/// A compiler that has the target's standard library: the user's, else one that
/// is built here from Debian's packages, for machines that rustup cannot serve.
fn toolchain(root: &Path, built: &Path) -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("RUSTC").map(PathBuf::from);
    if let Some(rustc) = named.into_iter().chain(["rustc".into()]).find(|rustc| has_std(rustc)) {
        return Ok(rustc);
    }
    let sysroot = root.join("target/wasm-sysroot");
    let rustc = sysroot.join("bin/rustc");
    if can_install() {
        build_sysroot(root, &sysroot, built)?;
    }
    if !has_std(&rustc) {
        bail!(
            "no compiler here has the standard library for {TARGET}\n\n\
             hint: `rustup target add {TARGET}`"
        );
    }
    Ok(rustc)
}

fn has_std(rustc: &Path) -> bool {
    let mut command = Command::new(rustc);
    let Ok(output) =
        clean(&mut command).args(["--print", "target-libdir", "--target", TARGET]).output()
    else {
        return false;
    };
    let directory = String::from_utf8_lossy(&output.stdout);
    let Ok(mut entries) = fs::read_dir(directory.trim()) else { return false };
    entries.any(|entry| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
    })
}

/// Whether this is root on a machine with apt.
fn can_install() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    root && Command::new("apt-get").arg("--version").output().is_ok_and(|apt| apt.status.success())
}

/// The script does nothing if its last work is still good.
fn build_sysroot(root: &Path, sysroot: &Path, built: &Path) -> anyhow::Result<()> {
    let stamp = || fs::read(sysroot.join(".stamp")).ok();
    let before = stamp();
    if before.is_none() {
        println!("guests: building the standard library for {TARGET}; it takes minutes, once");
    }
    let started = Instant::now();
    run(clean(&mut Command::new(root.join("xtask/sysroot/build.sh"))).arg(sysroot))
        .with_context(|| format!("hint: `rustup target add {TARGET}` does without it"))?;
    if stamp() == before {
        return Ok(());
    }
    println!("guests: the standard library is built, {}", seconds(started.elapsed()));
    // Cargo does not see that what it linked is not the same any more.
    match fs::remove_dir_all(built.join(TARGET)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Takes from the child what an outer cargo put there for another target and
/// workspace, and leaves how the network is reached.
fn clean(command: &mut Command) -> &mut Command {
    for (key, _) in std::env::vars_os() {
        if key.to_str().is_some_and(is_the_outer_cargos) {
            command.env_remove(key);
        }
    }
    command
}

fn is_the_outer_cargos(variable: &str) -> bool {
    const KEPT: [&str; 6] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
        "CARGO_TERM_",
    ];
    let kept = KEPT.iter().any(|prefix| variable.starts_with(prefix));
    !kept && ["CARGO", "RUSTC", "RUSTFLAGS"].iter().any(|prefix| variable.starts_with(prefix))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let program = command.get_program().to_owned();
    let program = Path::new(&program).display();
    let status = command.status().with_context(|| format!("cannot run `{program}`"))?;
    ensure!(status.success(), "`{program}` failed: {status}");
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is in the workspace").to_owned()
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_built_with_its_own_flags_over_the_same_network() {
        for variable in
            ["RUSTFLAGS", "RUSTC", "RUSTC_WRAPPER", "CARGO_TARGET_DIR", "CARGO_ENCODED_RUSTFLAGS"]
        {
            assert!(is_the_outer_cargos(variable), "{variable}");
        }
        for variable in ["CARGO_HOME", "CARGO_HTTP_PROXY", "CARGO_NET_OFFLINE", "PATH", "HOME"] {
            assert!(!is_the_outer_cargos(variable), "{variable}");
        }
    }
}
