#!/usr/bin/env bash
# The page, as it ships, into dist/. With arguments: another Trunk command (see serve.sh).
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
# shellcheck source=scripts/lib/node.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"
cd "$HEARTH_ROOT"

use_wasm_rust
use_node_tools
# scripts/bin holds the wasm-opt that remembers its results.
export PATH="$HEARTH_ROOT/scripts/bin:$HEARTH_TOOLS/bin:$PATH"
# Trunk 0.21 wants true or false where the convention is any value.
if [ -n "${NO_COLOR:-}" ]; then export NO_COLOR=true; else unset NO_COLOR; fi

if [ $# -eq 0 ]; then set -- build; fi
exec trunk "$@" --release
