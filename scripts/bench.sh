#!/usr/bin/env bash
# Hearth beside onnxruntime-web, in turns, in one browser: bench.sh [CASE...]. SD 1.5 wants 12 GB of memory and
# 12 GB of disk, and on a software GPU an hour.
# shellcheck source=scripts/lib/node.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"
# shellcheck source=scripts/lib/browser.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/browser.sh"
# shellcheck source=scripts/lib/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
cd "$HEARTH_ROOT"

use_node_tools
use_browser
export HEARTH_DIST="$HEARTH_ROOT/dist"
export HEARTH_BENCH="$HEARTH_CACHE/bench"
results="$HEARTH_ROOT/target/bench"
mkdir -p "$results"

if [ $# -eq 0 ]; then set -- emoji-unet-128 emoji-vae-128 sd15-unet-64 sd15-vae-64; fi
"$HEARTH_PYTHON" tests/bench/prepare.py "$HEARTH_BENCH" "$@"
# SD 1.5 takes a software GPU minutes a run, and Hearth's CPU device is for small models.
small=() large=()
for name in "$@"; do case "$name" in sd15-*) large+=("$name") ;; *) small+=("$name") ;; esac; done

status=0
measure() { node tests/bench/compare.mjs "$@" || status=$?; }
if [ ${#small[@]} -gt 0 ]; then
  measure "$results/browser-gpu.json" "${small[@]}"
  measure --device cpu "$results/browser-cpu.json" "${small[@]}"
fi
if [ ${#large[@]} -gt 0 ]; then measure --rounds 2 --runs 2 "$results/browser-gpu.json" "${large[@]}"; fi
node tests/bench/report.mjs docs/performance.md "$results"/browser-*.json
exit "$status"
