#!/usr/bin/env bash
# Which browsers the tests drive. HEARTH_CHROMIUM, HEARTH_FIREFOX and HEARTH_MINIBROWSER override the search.
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

find_firefox() {
  local name
  for name in "${HEARTH_FIREFOX:-}" firefox-esr firefox "/Applications/Firefox.app/Contents/MacOS/firefox"; do
    if [ -n "$name" ] && command -v "$name"; then return; fi
  done
  return 1
}

# WebKitGTK's browser for tests: a library's program, not on PATH.
find_minibrowser() {
  local name
  for name in "${HEARTH_MINIBROWSER:-}" $(compgen -G '/usr/lib*/*/webkit2gtk-4.*/MiniBrowser') $(compgen -G '/usr/lib*/webkit2gtk-4.*/MiniBrowser'); do
    if [ -n "$name" ] && command -v "$name"; then return; fi
  done
  return 1
}

# Firefox and WebKitGTK are worth having but not needed: without them their test is skipped.
use_other_browsers() {
  HEARTH_FIREFOX="$(find_firefox)" || HEARTH_FIREFOX=""
  HEARTH_MINIBROWSER=""
  if have WebKitWebDriver && have Xvfb; then HEARTH_MINIBROWSER="$(find_minibrowser)" || HEARTH_MINIBROWSER=""; fi
  export HEARTH_FIREFOX HEARTH_MINIBROWSER
}
