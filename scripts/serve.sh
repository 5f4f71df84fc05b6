#!/usr/bin/env bash
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

port="${PORT:-8080}"
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  die "port $port is taken; choose another with: make serve PORT=$((port + 1))"
fi
say "building the page; then open http://127.0.0.1:$port/"
exec "$HEARTH_ROOT/scripts/build.sh" serve --port "$port"
