#!/usr/bin/env bash
# shellcheck source=scripts/lib/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
cd "$HEARTH_ROOT"
exec "$HEARTH_PYTHON" -m training "$@"
