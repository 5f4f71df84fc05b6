#!/usr/bin/env bash
# typos, for the spelling check: PyPI's ready-built program, in a folder of its own. It is worth having but not
# needed: without it the check is skipped.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
# shellcheck source=scripts/lib/versions.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/versions.sh"

folder="$HEARTH_TOOLS/typos"
[ "$("$folder/bin/typos" --version 2>/dev/null)" != "typos-cli $TYPOS_VERSION" ] || exit 0

can_make_venv() { python3 -c 'import venv, ensurepip' 2>/dev/null; }
if ! can_make_venv && is_debian && [ "$(id -u)" = 0 ]; then apt_install "Python's venv" python3 python3-venv; fi
if ! can_make_venv; then
  say "Python 3 with venv is missing, so typos cannot be installed and the spelling check will be skipped."
  exit 0
fi

say "installing typos $TYPOS_VERSION"
rm -rf "$folder"
{ python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "typos==$TYPOS_VERSION"; } \
  >"$(log_file typos)" 2>&1 || say "pip could not install typos $TYPOS_VERSION (see $(log_file typos)); the spelling check will be skipped."
