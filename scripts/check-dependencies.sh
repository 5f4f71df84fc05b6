#!/usr/bin/env bash
# Licences, sources and forbidden crates (deny.toml). check-dependencies.sh advisories: known vulnerabilities too, for
# which cargo-deny fetches a database.
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
cd "$HEARTH_ROOT"

use_native_rust
export PATH="$HEARTH_TOOLS/bin:$PATH"
cargo deny --version >/dev/null 2>&1 || die "cargo-deny is missing; please run: make deny"
cargo deny --all-features check "$@" licenses bans sources
