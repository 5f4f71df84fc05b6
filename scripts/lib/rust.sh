#!/usr/bin/env bash
# Which Rust builds what. Sourced; sets nothing until a function is called.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=scripts/lib/versions.sh
source "$(dirname "${BASH_SOURCE[0]}")/versions.sh"

WASM_TARGET=wasm32-unknown-unknown

# The first shell after rustup's installer does not have it on PATH yet.
if ! have cargo && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
  export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
fi

# rust_minor RUSTC: 95 for Rust 1.95; 0 where there is none.
rust_minor() {
  local version
  version="$("$1" --version 2>/dev/null)" || version=""
  version="${version#rustc 1.}"
  version="${version%%.*}"
  case "$version" in '' | *[!0-9]*) echo 0 ;; *) echo "$version" ;; esac
}

rust_is_new_enough() { [ "$(rust_minor "$1")" -ge "$RUST_MIN_MINOR" ]; }

# use_installed_toolchain: sets RUSTUP_TOOLCHAIN to what rust-toolchain.toml asks for. If that is neither installed
# nor to be had (no network), the user's default toolchain is taken. Scripts use one compiler in every folder.
use_installed_toolchain() {
  have rustup && [ -z "${RUSTUP_TOOLCHAIN:-}" ] || return 0
  local folder name
  for folder in "$HEARTH_ROOT" /; do
    (cd "$folder" && rustc --version >/dev/null 2>&1) || continue
    name="$(cd "$folder" && rustup show active-toolchain 2>/dev/null)" || continue
    export RUSTUP_TOOLCHAIN="${name%% *}"
    return 0
  done
}

# The Rust on PATH is the user's choice and comes first.
path_rust_works() { use_installed_toolchain && have cargo && have rustc && rust_is_new_enough rustc; }
debian_rust_works() { is_debian && [ -x /usr/bin/cargo ] && rust_is_new_enough /usr/bin/rustc; }

# rust_has_wasm RUSTC: whether this compiler has the standard library for the browser.
rust_has_wasm() {
  local libdir
  libdir="$("$1" --print target-libdir --target "$WASM_TARGET" 2>/dev/null)" || return 1
  compgen -G "$libdir/libstd-*.rlib" >/dev/null || return 1
  # What was copied beside Debian's compiler fits the one version of it that it was built by.
  [ "$1" != /usr/bin/rustc ] || [ ! -e "$libdir/.built-by" ] || [ "$(cat "$libdir/.built-by")" = "$(rust_commit "$1")" ]
}

rust_commit() { "$1" -vV 2>/dev/null | sed -n 's/^commit-hash: //p'; }

# Debian's compiler goes in front of PATH alone, without the rest of /usr/bin.
put_debian_rust_first() {
  local dir="$HEARTH_TOOLS/debian-rust" tool
  mkdir -p "$dir"
  for tool in cargo rustc rustdoc cargo-clippy clippy-driver cargo-fmt rustfmt; do
    if [ -x "/usr/bin/$tool" ]; then ln -sf "/usr/bin/$tool" "$dir/$tool"; else rm -f "$dir/$tool"; fi
  done
  export PATH="$dir:$PATH"
  unset RUSTC RUSTDOC
}

# bundled_linker RUSTC: rustup's compilers bring a linker for WebAssembly, distributions' do not.
bundled_linker() { compgen -G "$("$1" --print sysroot 2>/dev/null)/lib/rustlib/*/bin/rust-lld"; }

# The linker for a compiler without one: rustup's where there is one, else lld of the same LLVM.
wasm_linker() {
  { have rustup && bundled_linker "$(rustup which rustc 2>/dev/null)"; } ||
    command -v "wasm-ld-$(llvm_major rustc)" || command -v "wasm-ld-$(llvm_major /usr/bin/rustc)" || command -v wasm-ld
}

# wasm_works RUSTC: whether this compiler can build the page.
wasm_works() { rust_has_wasm "$1" && { bundled_linker "$1" || wasm_linker; } >/dev/null; }

llvm_major() { "$1" -vV 2>/dev/null | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p'; }

# Cargo tells our crate in one clone from our crate in another by the dates of their files alone. When
# the shared folder was last used by another clone, our own crate is therefore compiled anew.
own_target_dir() {
  local owner="$CARGO_TARGET_DIR/.hearth-root"
  mkdir -p "$CARGO_TARGET_DIR"
  [ "$(cat "$owner" 2>/dev/null)" != "$HEARTH_ROOT" ] || return 0
  find "$CARGO_TARGET_DIR" -type d -path '*/.fingerprint/hearth-*' -prune -exec rm -rf {} +
  printf '%s' "$HEARTH_ROOT" >"$owner"
}

# The environment for the terminal program, its tests and the lints.
use_native_rust() {
  path_rust_works || put_debian_rust_first
  export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HEARTH_CACHE/target/native}"
  own_target_dir
}

# The environment for the page. A crate compiled by one compiler cannot use the other's library, so
# this build has a folder of its own.
use_wasm_rust() {
  if ! { path_rust_works && wasm_works rustc; }; then put_debian_rust_first; fi
  if ! bundled_linker rustc >/dev/null && [ -z "${CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER:-}" ]; then
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$(wasm_linker)" || die "a linker for WebAssembly is missing; please run: make setup"
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER
  fi
  # These would make cargo forget the vector instructions that .cargo/config.toml asks for.
  unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
  export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HEARTH_CACHE/target/wasm}"
  own_target_dir
}
