//! Builds guests in C, where there is a compiler for them: clang with a wasi-libc, of
//! Debian's packages or of a wasi-sdk that `WASI_SDK_PATH` names.

use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How to get one.
const HINT: &str = "apt-get install --no-install-recommends clang-22 wasi-libc \
                    libclang-rt-22-dev-wasm32, or set WASI_SDK_PATH";

/// The newest first: older ones cannot link for `wasm32-wasi` with Debian's libraries.
const DEBIAN: [&str; 3] = ["clang-22", "clang-21", "clang-20"];

/// Builds `guests/<behaviour>/c/main.c`, or says why not.
pub(super) fn build(
    root: &Path,
    behaviour: &str,
    out: &Path,
) -> anyhow::Result<Result<(), String>> {
    let Some(mut clang) = clang(root)? else {
        return Ok(Err(format!("no clang for WebAssembly is here; hint: {HINT}")));
    };
    clang.args(["-Os", "-Wall", "-Wl,--strip-all", "-o"]).arg(out);
    clang.arg(root.join("guests").join(behaviour).join("c/main.c"));
    super::run(&mut clang).map(Ok)
}

/// A compiler that makes components of programs.
fn clang(root: &Path) -> anyhow::Result<Option<Command>> {
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
    // Debian's runs constructors in every export; `xtask/sysroot` has one that does not.
    let start = root
        .join("target/wasm-sysroot/lib/rustlib/wasm32-wasip2/lib/self-contained/crt1-command.o");
    if start.is_file() {
        clang.arg("-nostartfiles").arg(start);
    }
    // The linker calls the one beside it.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [linkers].into_iter().chain(std::env::split_paths(&path));
    clang.env("PATH", std::env::join_paths(path)?);
    Ok(Some(clang))
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
