#!/usr/bin/env bash
# The figures in the card of the model that ships, from its exported files.
# shellcheck source=scripts/lib/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
cd "$HEARTH_ROOT"
exec "$HEARTH_PYTHON" -m training.evaluate "$@"
