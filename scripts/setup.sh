#!/usr/bin/env bash
# setup.sh PART...: each part installs what is missing and says so; with nothing missing it is silent.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

# Two runs at once must not install the same thing twice.
if have flock; then
  exec 9>"$HEARTH_CACHE/setup.lock"
  flock -n 9 || { say "waiting for another set-up to finish"; flock 9; }
fi

for part in "$@"; do
  "$HEARTH_ROOT/scripts/setup/$part.sh" 9>&-
done
