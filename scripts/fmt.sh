#!/usr/bin/env bash
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
cd "$HEARTH_ROOT"

use_native_rust
has_component fmt rustfmt "the format check" is || exit 0
cargo fmt --all --check
