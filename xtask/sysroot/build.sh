#!/usr/bin/env bash
# Builds the standard library of wasm32-wasip2 for machines on which
# `rustup target add wasm32-wasip2` cannot download it, from Debian's packages:
#
#     rustc-web      the compiler. Not rustup's: a standard library is built by
#                    its own version of the compiler and by no other.
#     rust-web-src   the sources of the standard library
#     wasi-libc      the C library under it
#
#     build.sh DEST
#     RUSTC=DEST/bin/rustc cargo build --release --target wasm32-wasip2
#
# rustup's stable toolchain gives cargo, `rust-lld` and `wasm-component-ld`.
# Root is needed only to install the packages.
set -euo pipefail

target=wasm32-wasip2
here=$(cd "$(dirname "$0")" && pwd)
dest=$(realpath -m "${1:?usage: build.sh DEST}")

# The packages recommend clang and llvm, which nobody needs here.
install() {
  apt-get install -y -qq --no-install-recommends rustc-web wasi-libc
}
if ! dpkg -s rustc-web wasi-libc >/dev/null 2>&1; then
  install || { apt-get update -qq && install; }
fi

rustup_bin=$(dirname "$(env -u RUSTC rustc --print target-libdir)")/bin
stamp() {
  # The directories are in it because the sysroot links to one and names the other.
  dpkg-query -W -f '${Package}=${Version}\n' rustc-web wasi-libc
  cat "$here"/build.sh "$here"/*.rs | sha256sum
  echo "$dest $rustup_bin"
}
if [ "$(cat "$dest/.stamp" 2>/dev/null)" = "$(stamp)" ]; then
  exit 0
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The sources must be of the version that is installed. If the archive has moved
# on, it has only the next: then both go there.
download() {
  # As ourselves: apt's own user cannot write into our directory, and apt would warn of it.
  (cd "$tmp" && apt-get download -qq -o APT::Sandbox::User=root \
    "rust-web-src=$(dpkg-query -W -f '${Version}' rustc-web)")
}
download || { apt-get update -qq && install && download; }
# Of the 342 MB, only the standard library's.
version=$(/usr/bin/rustc --version | cut -d' ' -f2)
dpkg-deb --fsys-tarfile "$tmp"/rust-web-src_*.deb | tar -x -C "$tmp" "./usr/src/rustc-$version/library"
library=$tmp/usr/src/rustc-$version/library

# A sysroot: the host's standard library for build scripts and procedural
# macros, the linkers, and a `rustc` that looks here.
host=$(/usr/bin/rustc --version --verbose | sed -n 's/^host: //p')
rustlib=$dest/lib/rustlib
rm -rf "$dest"
mkdir -p "$dest/bin" "$rustlib/$host/bin" "$rustlib/$target/lib/self-contained"
ln -s "/usr/lib/rustlib/$host/lib" "$rustlib/$host/lib"
ln -s "$rustup_bin"/{rust-lld,wasm-component-ld} "$rustlib/$host/bin/"
printf '#!/bin/sh\nexec /usr/bin/rustc --sysroot "%s" "$@"\n' "$dest" >"$dest/bin/rustc"
chmod +x "$dest/bin/rustc"

# Cargo builds a standard library for a crate that needs one. This one is empty.
mkdir -p "$tmp/empty/src"
echo '#![no_std]' >"$tmp/empty/src/lib.rs"
cat >"$tmp/empty/Cargo.toml" <<'TOML'
[package]
name = "empty"
version = "0.0.0"
edition = "2024"
[profile.release]
debug = 0
TOML
# `-Zbuild-std` is unstable; Debian's compiler is stable and has to be told that we know.
export RUSTC_BOOTSTRAP=1
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER
(
  cd "$tmp/empty"
  # Bitcode lets guests optimize across the standard library.
  RUSTC=/usr/bin/rustc CARGO_TARGET_DIR=$tmp/target __CARGO_TESTS_ONLY_SRC_ROOT=$library \
    RUSTFLAGS="-Cembed-bitcode=yes --remap-path-prefix=$library=/rustc/library" \
    cargo build --quiet --release -Zbuild-std=std,panic_abort --target "$target"
)
find "$tmp/target/$target/release/deps" -name 'lib*.rlib' ! -name 'libempty-*' \
  -exec cp -t "$rustlib/$target/lib" {} +

# Debian's wasi-libc is of 2022 and for wasip1. `wasm-component-ld` adapts that;
# what the standard library wants beyond it are our two sources.
self_contained=$rustlib/$target/lib/self-contained
cp /usr/lib/wasm32-wasi/{libc.a,crt1-command.o,crt1-reactor.o} "$self_contained/"
object() {
  "$dest/bin/rustc" --edition 2024 --target "$target" --crate-type lib --emit obj -O \
    -C panic=abort -C codegen-units=1 -C embed-bitcode=no --crate-name "$1" "$here/$1.rs" -o "$2"
}
object stubs "$tmp/stubs.o"
ar q "$self_contained/libc.a" "$tmp/stubs.o"
object crt1_command "$self_contained/crt1-command.o"

# Last: what was broken off has no stamp and is built again.
stamp >"$dest/.stamp"
