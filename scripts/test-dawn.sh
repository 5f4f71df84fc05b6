#!/usr/bin/env bash
# The built engine (dist/) in Node on Dawn, Chrome's WebGPU, with f16. HEARTH_LONG=1 for all kernels (minutes).
# test-dawn.sh shaders [MODEL]: what its compiler makes of them (tests/dawn/shaders.mjs).
# shellcheck source=scripts/lib/node.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"
# shellcheck source=scripts/lib/dawn.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/dawn.sh"
cd "$HEARTH_ROOT"

use_node_tools
use_dawn
if [ "$HEARTH_DAWN" = none ]; then
  say "no lavapipe of Mesa $MESA_NEEDED or newer is here: the tests of Chrome's compiler are skipped."
  exit 0
fi
export HEARTH_DIST="${HEARTH_DIST:-$HEARTH_ROOT/dist}"
[ -e "$HEARTH_DIST/index.html" ] || die "dist/ is empty; please run: make build"
if [ "$HEARTH_DAWN" = system ] && ! reason="$(node tests/dawn/probe.mjs 2>&1)"; then
  say "$(printf '%s' "$reason" | tail -n 1): the tests of Chrome's compiler are skipped."
  exit 0
fi

if [ "${1:-}" = shaders ]; then
  shift
  exec node tests/dawn/shaders.mjs "$@"
fi
# One file at a time: each has the software GPU compile shaders on all cores.
node --test --test-concurrency=1 --test-reporter=spec tests/dawn/*.test.mjs
