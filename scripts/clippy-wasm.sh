#!/usr/bin/env bash
# What only the browser compiles, as Trunk builds it: the engine's program, and the page's without the engine.
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
cd "$HEARTH_ROOT"

use_wasm_rust
has_component clippy clippy "the lints for WebAssembly" are || exit 0
lint() { cargo clippy --release --target "$WASM_TARGET" "$@" -- -D warnings; }
lint --no-default-features --features page --lib --bin page
lint --features page --lib --bin worker
