#!/usr/bin/env bash
# The page's code compiles natively too, so one run covers everything.
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
cd "$HEARTH_ROOT"

use_native_rust
has_component clippy clippy "the lints" are || exit 0
cargo clippy --release --all-targets --features page -- -D warnings
