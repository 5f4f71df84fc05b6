#!/usr/bin/env bash
# What takes gigabytes: full-size SD 1.5 against diffusers, natively and in the browser, and a hundred
# interrupted downloads. Wants 12 GB of memory, 20 GB of disk and about an hour.
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/rust.sh"
# shellcheck source=scripts/lib/gpu.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/gpu.sh"
# shellcheck source=scripts/lib/node.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"
# shellcheck source=scripts/lib/browser.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/browser.sh"
# shellcheck source=scripts/lib/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
# shellcheck source=scripts/lib/large.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/large.sh"
cd "$HEARTH_ROOT"

use_native_rust
use_gpu
make_large sd15
make_large medium
sd15="$HEARTH_LARGE/sd15"
if [ ! -e "$sd15.safetensors" ] || [ "$sd15.safetensors" -ot "$sd15/.made-from" ]; then
  say "asking diffusers"
  "$HEARTH_PYTHON" tests/large/reference.py "$sd15" "$sd15.safetensors"
  "$HEARTH_PYTHON" tests/large/single_file.py "$sd15" tests/golden/data/keys.json sd1 "$sd15-single.safetensors"
fi
cargo test --release --features page --test large -- --nocapture --test-threads 1

use_node_tools
use_browser
export HEARTH_DIST="$HEARTH_ROOT/dist"
node --test --test-concurrency=1 --test-reporter=spec tests/browser/large/*.test.mjs
