#!/usr/bin/env bash
# Trunk's hook after a build. It gives a worker's files fixed names, so a cache could serve the engine of
# one release to the page of another: they move into a folder with a hash, and the page is told.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
shell="$HEARTH_ROOT/scripts/shell.mjs"
cd "$TRUNK_STAGING_DIR"

# The loader that Trunk writes says nothing of the download.
total="$(wc -c <worker_bg.wasm)"
sed "s|^const TOTAL = 0;|const TOTAL = $((total));|" "$HEARTH_ROOT/www/worker-loader.js" >worker_loader.js

hash="$(cat worker.js worker_loader.js worker_bg.wasm | sha256)"
folder="engine-${hash:0:16}"
mkdir "$folder"
mv worker.js worker_loader.js worker_bg.wasm "$folder/"
for page in index.html bench.html; do
  sed "s|data-engine=\"[^\"]*\"|data-engine=\"$folder/worker_loader.js\"|" "$page" >"$page.new"
  mv "$page.new" "$page"
done

# Names and contents are now final: the service worker learns them.
node "$shell" .
