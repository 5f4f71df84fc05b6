#!/usr/bin/env bash
# install_tool: programs compiled from their crates into the cache.
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/rust.sh"

has_version() { [ "$("$HEARTH_TOOLS/bin/$1" --version 2>/dev/null | cut -d' ' -f2)" = "$2" ]; }

# install_tool CRATE BINARY VERSION [OPTION...]
install_tool() {
  local crate="$1" binary="$2" version="$3"
  shift 3
  has_version "$binary" "$version" && return
  say "compiling $crate $version (some minutes, once)"
  use_native_rust
  # Out of the clone, so that its .cargo/config.toml does not apply.
  cd "$HEARTH_CACHE"
  # These run for seconds: they are compiled quickly rather than to be quick.
  CARGO_TARGET_DIR="$HEARTH_CACHE/target/tools" CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=symbols \
    cargo install "$crate" --version "=$version" --bin "$binary" --root "$HEARTH_TOOLS" --force "$@" \
    >"$(log_file "$binary")" 2>&1 || { tail -n 5 "$(log_file "$binary")" >&2; die "$crate $version did not compile; see $(log_file "$binary")."; }
}
