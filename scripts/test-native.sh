#!/usr/bin/env bash
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
# shellcheck source=scripts/lib/gpu.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/gpu.sh"
cd "$HEARTH_ROOT"

use_native_rust
use_gpu
if [ "$HEARTH_GPU" = none ]; then say "no Vulkan driver here: the native GPU tests are skipped."; fi
cargo test --release --features page --no-fail-fast "$@"
