#!/usr/bin/env bash
# What only the browser compiles, as Trunk builds it: the engine's program, and the page's without the engine.
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
cd "$HEARTH_ROOT"

use_wasm_rust
if ! cargo clippy --version >/dev/null 2>&1; then
  [ -z "${CI:-}" ] || die "clippy is missing, and CI must not go without the lints."
  say "clippy is not installed: the lints for WebAssembly are skipped."
  exit 0
fi
lint() { cargo clippy --release --target "$WASM_TARGET" "$@" -- -D warnings; }
lint --no-default-features --features page --lib --bin page
lint --features page --lib --bin worker
