#!/usr/bin/env bash
# Firefox and WebKitGTK for the test that visits the page with every engine. They are worth having but not
# needed: without them that test is skipped.
# shellcheck source=scripts/lib/browser.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/browser.sh"

use_other_browsers
missing=()
if [ -z "$HEARTH_FIREFOX" ]; then missing+=(firefox-esr); fi
if [ -z "$HEARTH_MINIBROWSER" ]; then missing+=(webkit2gtk-driver xvfb xauth); fi
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

if is_debian && [ "$(id -u)" = 0 ]; then
  apt_install "Firefox or WebKitGTK for the tests" "${missing[@]}"
elif is_debian; then
  say "the page is tested in fewer browsers; for all: sudo apt-get install ${missing[*]}"
else
  say "Firefox, or WebKitGTK's WebDriver with its MiniBrowser and Xvfb, was not found: the page is tested in fewer browsers."
fi
