#!/usr/bin/env bash
# PyTorch and diffusers (training/requirements.txt), for `make train`, `make golden` and `make bench`.
# shellcheck source=scripts/lib/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/python.sh"

requirements="$HEARTH_ROOT/training/requirements.txt"
stamp="$HEARTH_CACHE/python/requirements.sha256"
[ -e "$requirements" ] || die "training/requirements.txt is missing."
if [ -x "$HEARTH_PYTHON" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(sha256 "$requirements")" ]; then exit; fi

have python3 || apt_install "Python" python3 python3-venv
if [ ! -x "$HEARTH_PYTHON" ]; then
  python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install "Python's venv" python3-venv
  python3 -m venv "$HEARTH_CACHE/python"
fi
say "installing PyTorch and diffusers into $HEARTH_CACHE/python (several GB)"
"$HEARTH_PYTHON" -m pip install --quiet -r "$requirements" >"$(log_file pip)" 2>&1 ||
  { tail -n 5 "$(log_file pip)" >&2; die "pip could not install training/requirements.txt; see $(log_file pip)."; }
sha256 "$requirements" >"$stamp"
