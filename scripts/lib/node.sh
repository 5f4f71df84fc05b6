#!/usr/bin/env bash
# Where npm's tools are: one folder in the cache for each lock file.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=scripts/lib/versions.sh
source "$(dirname "${BASH_SOURCE[0]}")/versions.sh"

node_dir() {
  local lock
  lock="$(sha256 "$HEARTH_ROOT/package-lock.json")"
  printf '%s/node/%s' "$HEARTH_CACHE" "${lock:0:16}"
}

# Browser tests are ES modules, for which NODE_PATH has no effect. They say:
#   import { createRequire } from 'node:module';
#   const require = createRequire(process.env.HEARTH_NODE_MODULES + '/');
#   const { chromium } = require('playwright-core');
use_node_tools() {
  HEARTH_NODE_MODULES="$(node_dir)/node_modules"
  export HEARTH_NODE_MODULES
}
