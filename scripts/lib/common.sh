#!/usr/bin/env bash
# Sourced by every other script: where things are kept, and how to speak and to fail.
set -euo pipefail

HEARTH_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
export HEARTH_ROOT

# Compiled artefacts and tools outlive the clone, so that a fresh one does not start from nothing.
HEARTH_CACHE="${HEARTH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hearth}"
mkdir -p "$HEARTH_CACHE"
HEARTH_CACHE="$(cd "$HEARTH_CACHE" && pwd)"
export HEARTH_CACHE
export HEARTH_TOOLS="$HEARTH_CACHE/tools"

say() { printf 'hearth: %s\n' "$*" >&2; }
die() { printf 'hearth: error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

is_debian() { have apt-get && grep -qs '^ID=debian$' /etc/os-release; }

# apt_install WHAT PACKAGE...: installs the packages, or says in a sentence how to get WHAT.
apt_install() {
  local what="$1"
  shift
  is_debian || die "$what is missing; please install it (on Debian: apt-get install $*)."
  [ "$(id -u)" = 0 ] || die "$what is missing; please run: sudo apt-get install --no-install-recommends $*"
  say "installing $what with apt: $*"
  apt_refresh
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@" \
    >"$(log_file apt)" 2>&1 || { tail -n 5 "$(log_file apt)" >&2; die "apt could not install $what ($*)."; }
}

# The package lists are fetched when there are none, and otherwise once a day.
apt_refresh() {
  local lists=/var/lib/apt/lists
  # apt gives each list the server's date; the folder it downloads to has the date of the update.
  if compgen -G "$lists/*_Packages*" >/dev/null && [ -n "$(find "$lists/partial" -maxdepth 0 -mmin -1440)" ]; then return; fi
  apt-get -qq -o DPkg::Lock::Timeout=600 update >"$(log_file apt)" 2>&1 || die "apt-get update failed; see $(log_file apt)."
}

log_file() {
  mkdir -p "$HEARTH_CACHE/logs"
  printf '%s/logs/%s.log' "$HEARTH_CACHE" "$1"
}

sha256() { if have sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi | cut -d' ' -f1; }
