#!/usr/bin/env bash
# cargo-deny, for `make deny`, compiled from its crate into the cache.
# shellcheck source=scripts/lib/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/install.sh"

install_tool cargo-deny cargo-deny "$CARGO_DENY_VERSION" --locked
rm -rf "$HEARTH_CACHE/target/tools"
