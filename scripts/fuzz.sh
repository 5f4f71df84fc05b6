#!/usr/bin/env bash
# Breaks files at random and reads them, for SECONDS (600) for each kind of file.
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
cd "$HEARTH_ROOT"

use_native_rust
HEARTH_FUZZ_SECONDS="${1:-600}" cargo test --release --features page --test fuzz -- --nocapture --test-threads 1
