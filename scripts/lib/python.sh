#!/usr/bin/env bash
# The Python of training and of the golden values: a virtual environment in the cache.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

HEARTH_PYTHON="$HEARTH_CACHE/python/bin/python"
export HEARTH_PYTHON
