#!/usr/bin/env bash
# Spelling of code, comments, documents and file names (_typos.toml).
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$HEARTH_ROOT"

typos="$HEARTH_TOOLS/typos/bin/typos"
if [ ! -x "$typos" ]; then
  [ -z "${CI:-}" ] || die "typos is missing, and CI must not go without the spelling check."
  say "typos is not installed: the spelling check is skipped."
  exit 0
fi
"$typos"
