#!/usr/bin/env bash
# What takes too long for every commit: many pictures and downloads in one visit, every view of the page,
# all kernels through Chrome's compiler, long runs on a native GPU. Half an hour.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$HEARTH_ROOT"
export HEARTH_LONG=1

status=0
scripts/test-native.sh --test default_limits --test golden --test gpu -- on_gpu in_f16 || status=$?
scripts/test-native.sh --test memory || status=$?
scripts/test-browser.sh tests/browser/{downloads,endurance,look}.test.mjs tests/browser/long/*.test.mjs || status=$?
scripts/test-dawn.sh || status=$?
exit "$status"
