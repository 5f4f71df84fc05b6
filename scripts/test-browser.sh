#!/usr/bin/env bash
# The built page (dist/) in real browsers, with Node's own test runner. With arguments: these test files.
# shellcheck source=scripts/lib/node.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"
# shellcheck source=scripts/lib/browser.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/browser.sh"
cd "$HEARTH_ROOT"

use_node_tools
use_browser
use_other_browsers
export HEARTH_DIST="${HEARTH_DIST:-$HEARTH_ROOT/dist}"
[ -e "$HEARTH_DIST/index.html" ] || die "dist/ is empty; please run: make build"

scripts/package.sh # The tests of the package use its file.

# run_tests FILES_AT_ONCE FILE...
run_tests() {
  local at_once="$1"
  shift
  node --test --test-concurrency="$at_once" --test-reporter=spec "$@"
}

if [ $# -gt 0 ]; then
  run_tests 1 "$@"
  exit
fi

# A page computes on one core and waits for its server in between: two files at once need less than twice
# the time of one. Those in alone/ measure time, so nothing else runs beside them.
status=0
run_tests 2 tests/browser/*.test.mjs || status=$?
run_tests 1 tests/browser/alone/*.test.mjs || status=$?
exit "$status"
