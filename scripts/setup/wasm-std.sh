#!/usr/bin/env bash
# Rust's standard library for the browser: rustup's where it can be fetched, else Debian's compiler
# with the library built once from Debian's source package.
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/rust.sh"

wasm_is_ready() {
  { path_rust_works && wasm_works rustc; } || { debian_rust_works && wasm_works /usr/bin/rustc; }
}

add_with_rustup() {
  have rustup && path_rust_works || return 1
  say "adding rustup's $WASM_TARGET"
  rustup target add "$WASM_TARGET" >"$(log_file rustup)" 2>&1 && rust_has_wasm rustc
}

# Prints the folder with the library, built unless this compiler's is in the cache already.
build_std() {
  local commit std crate
  commit="$(/usr/bin/rustc -vV | sed -n 's/^commit-hash: \(.\{12\}\).*/\1/p')"
  std="$HEARTH_CACHE/wasm-std/$(rust_minor /usr/bin/rustc)-$commit"
  if [ ! -d "$std" ]; then
    say "building Rust's standard library for $WASM_TARGET (some minutes, once)"
    crate="$(mktemp -d)"
    mkdir "$crate/src"
    printf '[package]\nname = "hearth-std-seed"\nversion = "0.0.0"\nedition = "2021"\n' >"$crate/Cargo.toml"
    : >"$crate/src/lib.rs"
    # RUSTC_BOOTSTRAP: -Zbuild-std is otherwise for nightly compilers only.
    (cd "$crate" && RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$crate/target" cargo build --release --target "$WASM_TARGET" \
      -Zbuild-std=std,panic_abort,proc_macro,test) >"$(log_file wasm-std)" 2>&1 ||
      die "the standard library for $WASM_TARGET did not build; see $(log_file wasm-std)."
    rm -f "$crate/target/$WASM_TARGET/release/deps/"*hearth_std_seed*
    rm -rf "$std.part"
    mkdir -p "$std.part"
    cp "$crate/target/$WASM_TARGET/release/deps/"*.rlib "$crate/target/$WASM_TARGET/release/deps/"*.rmeta "$std.part" &&
      mv "$std.part" "$std" || die "the standard library for $WASM_TARGET could not be kept in $std."
    rm -rf "$crate"
  fi
  printf '%s' "$std"
}

use_debians() {
  if ! debian_rust_works || [ ! -d /usr/lib/rustlib/src/rust/library/std ]; then
    apt_install "Rust with its library's source" rustc-web cargo-web rust-web-src ca-certificates
  fi
  debian_rust_works || die "Debian's Rust is older than 1.$RUST_MIN_MINOR here; please get rustup online and run: rustup target add $WASM_TARGET"
  wasm_linker >/dev/null || apt_install "a linker for WebAssembly" "lld-$(llvm_major /usr/bin/rustc)"
  rust_has_wasm /usr/bin/rustc && return
  local lib std
  lib="$(/usr/bin/rustc --print target-libdir --target "$WASM_TARGET")"
  [ -w /usr/lib/rustlib ] || die "Rust's library for $WASM_TARGET is missing under $lib; please run 'make setup' once as root."
  put_debian_rust_first
  unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
  std="$(build_std)" || exit 1
  mkdir -p "$lib"
  rm -f "$lib"/*.rlib "$lib"/*.rmeta
  printf 'incomplete' >"$lib/.built-by"
  cp "$std"/* "$lib/"
  rust_commit /usr/bin/rustc >"$lib/.built-by"
  rust_has_wasm /usr/bin/rustc || die "Rust's library for $WASM_TARGET is not where its compiler looks for it ($lib)."
}

wasm_is_ready && exit
add_with_rustup && exit
is_debian || die "Rust's $WASM_TARGET is missing and rustup could not fetch it; please run: rustup target add $WASM_TARGET"
if have rustup; then say "rustup could not fetch it; using Debian's Rust instead"; fi
use_debians
