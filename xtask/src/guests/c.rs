//! Builds guests in C, where there is a compiler for them: clang with a wasi-libc, of
//! Debian's packages or of a wasi-sdk that `WASI_SDK_PATH` names.

use anyhow::Context as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How to get one.
const HINT: &str = "apt-get install --no-install-recommends clang-22 wasi-libc \
                    libclang-rt-22-dev-wasm32, or set WASI_SDK_PATH";

/// The newest first: older ones cannot link for `wasm32-wasi` with Debian's libraries.
const DEBIAN: [&str; 3] = ["clang-22", "clang-21", "clang-20"];

/// Builds what is in `guests/<behaviour>/c`, or says why not: a program, or with `bindings/` of
/// wit-bindgen a component with functions.
pub(super) fn build(
    root: &Path,
    behaviour: &str,
    out: &Path,
) -> anyhow::Result<Result<(), String>> {
    let Some(mut clang) = clang()? else {
        return Ok(Err(format!("no clang for WebAssembly is here; hint: {HINT}")));
    };
    let folder = root.join("guests").join(behaviour).join("c");
    let bindings = folder.join("bindings");
    clang.args(["-Os", "-Wall", "-Wl,--strip-all"]);
    if bindings.is_dir() {
        clang.arg("-mexec-model=reactor");
    } else if let Some(start) = start(root) {
        clang.arg("-nostartfiles").arg(start);
    }
    for folder in [folder, bindings].iter().filter(|folder| folder.is_dir()) {
        clang.args(sources(folder)?);
    }
    clang.arg("-o").arg(out);
    super::run(&mut clang).map(Ok)
}

/// A compiler that makes components.
fn clang() -> anyhow::Result<Option<Command>> {
    if let Some(sdk) = std::env::var_os("WASI_SDK_PATH") {
        let mut clang = Command::new(PathBuf::from(sdk).join("bin/clang"));
        clang.arg("--target=wasm32-wasip2");
        return Ok(Some(clang));
    }
    let linkers = linkers()?;
    let linker = linkers.join("wasm-component-ld");
    let whole = linker.is_file() && Path::new("/usr/lib/wasm32-wasi/libc.a").is_file();
    let Some(name) = DEBIAN.into_iter().find(|name| whole && has_builtins(name)) else {
        return Ok(None);
    };
    let mut clang = Command::new(name);
    clang.args(["--target=wasm32-wasi", "-Wno-deprecated"]);
    clang.arg(format!("-fuse-ld={}", linker.display()));
    // The linker calls the one beside it.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [linkers].into_iter().chain(std::env::split_paths(&path));
    clang.env("PATH", std::env::join_paths(path)?);
    Ok(Some(clang))
}

/// What is compiled and linked of a folder, sorted.
fn sources(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut files = files.collect::<anyhow::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|kind| kind == "c" || kind == "o"));
    files.sort();
    Ok(files)
}

/// The start of a program for Debian's libc. Its own runs constructors in every export;
/// `xtask/sysroot` has one that does not.
fn start(root: &Path) -> Option<PathBuf> {
    let file = "target/wasm-sysroot/lib/rustlib/wasm32-wasip2/lib/self-contained/crt1-command.o";
    let file = root.join(file);
    (std::env::var_os("WASI_SDK_PATH").is_none() && file.is_file()).then_some(file)
}

/// Whether a clang is there with what its code calls, which is a package of its own.
fn has_builtins(clang: &str) -> bool {
    let asked =
        Command::new(clang).args(["--target=wasm32-wasi", "-print-libgcc-file-name"]).output();
    asked.is_ok_and(|answer| Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_file())
}

/// The folder of the linkers that come with Rust.
fn linkers() -> anyhow::Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "target-libdir"]).output()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    Ok(folder.parent().context("rustc has no folder")?.join("bin"))
}
