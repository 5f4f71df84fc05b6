#!/usr/bin/env bash
# The built page (dist/) in a real browser, with Node's own test runner.
# shellcheck source=scripts/lib/node.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"
# shellcheck source=scripts/lib/browser.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/browser.sh"
cd "$HEARTH_ROOT"

use_node_tools
use_browser
export HEARTH_DIST="$HEARTH_ROOT/dist"
[ -e "$HEARTH_DIST/index.html" ] || die "dist/ is empty; please run: make build"

scripts/package.sh # The tests of the package use its file.

shopt -s nullglob
tests=(tests/browser/*.test.mjs)
if [ ${#tests[@]} -eq 0 ]; then tests=(tests/browser/*.mjs); fi
[ ${#tests[@]} -gt 0 ] || die "there are no browser tests under tests/browser/."
# One file at a time: each starts a browser, and two would fight for the cores.
node --test --test-concurrency=1 --test-reporter=spec "${tests[@]}"
