#!/usr/bin/env bash
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
cd "$HEARTH_ROOT"

use_native_rust
if ! cargo fmt --version >/dev/null 2>&1; then
  [ -z "${CI:-}" ] || die "rustfmt is missing, and CI must not go without the format check."
  say "rustfmt is not installed: the format check is skipped."
  exit 0
fi
cargo fmt --all --check
