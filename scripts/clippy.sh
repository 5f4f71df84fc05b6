#!/usr/bin/env bash
# The page's code compiles natively too, so one run covers everything.
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
cd "$HEARTH_ROOT"

use_native_rust
if ! cargo clippy --version >/dev/null 2>&1; then
  [ -z "${CI:-}" ] || die "clippy is missing, and CI must not go without the lints."
  say "clippy is not installed: the lints are skipped."
  exit 0
fi
cargo clippy --release --all-targets --features page -- -D warnings
