#!/usr/bin/env bash
# wasm-bindgen and Trunk, compiled from their crates into the cache.
# shellcheck source=scripts/lib/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/install.sh"

install_tool wasm-bindgen-cli wasm-bindgen "$WASM_BINDGEN_VERSION"
# Without default features: no TLS and no downloads, since the other tools are all installed here.
install_tool trunk trunk "$TRUNK_VERSION" --no-default-features --locked
rm -rf "$HEARTH_CACHE/target/tools"
