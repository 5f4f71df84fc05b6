#!/usr/bin/env bash
# Which browser the tests drive. HEARTH_CHROMIUM overrides the search.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

find_chromium() {
  local name
  for name in "${HEARTH_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    if [ -n "$name" ] && command -v "$name"; then return; fi
  done
  return 1
}

use_browser() {
  HEARTH_CHROMIUM="$(find_chromium)" || die "Chromium is missing; run 'make setup', or set HEARTH_CHROMIUM to a Chromium's path."
  export HEARTH_CHROMIUM
}
