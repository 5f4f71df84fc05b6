#!/usr/bin/env bash
# The browser for the browser tests, with a font to measure text with.
# shellcheck source=scripts/lib/browser.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/browser.sh"

find_chromium >/dev/null || apt_install "Chromium" chromium fonts-liberation
