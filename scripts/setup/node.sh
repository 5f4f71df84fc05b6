#!/usr/bin/env bash
# npm's development tools (package.json): wasm-opt, the driver of the browser tests, and what checks the npm package.
# shellcheck source=scripts/lib/node.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/node.sh"

have node || apt_install "Node.js" nodejs
# The youngest thing that is used of it.
node --test-concurrency=1 --version >/dev/null 2>&1 ||
  die "Hearth needs Node.js $NODE_NEEDED and found $(node --version); please update it."

dir="$(node_dir)"
[ -e "$dir/complete" ] && exit
have npm || apt_install "npm" npm

say "installing npm's development tools (package-lock.json)"
mkdir -p "$dir"
cp "$HEARTH_ROOT/package.json" "$HEARTH_ROOT/package-lock.json" "$dir/"
(cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund) >"$(log_file npm)" 2>&1 ||
  { tail -n 5 "$(log_file npm)" >&2; die "npm could not install the development tools; see $(log_file npm)."; }
touch "$dir/complete"
