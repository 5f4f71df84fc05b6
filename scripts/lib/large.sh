#!/usr/bin/env bash
# Checkpoints of random weights that are too large to keep in the repository: made once, in the cache.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

export HEARTH_LARGE="$HEARTH_CACHE/large"

# make_large NAME: the checkpoint that tests/large/NAME describes, anew if that has changed.
make_large() {
  local name="$1" made
  made="$(cat "$HEARTH_ROOT/tests/tools/random_checkpoint.rs" "$HEARTH_ROOT/tests/large/$name"/*/*.json | sha256)"
  [ "$(cat "$HEARTH_LARGE/$name/.made-from" 2>/dev/null)" != "$made" ] || return 0
  say "making a checkpoint of random weights: $name"
  rm -rf "${HEARTH_LARGE:?}/$name"
  mkdir -p "$HEARTH_LARGE"
  cargo run --quiet --release --features page --example random-checkpoint -- "tests/large/$name" "$HEARTH_LARGE/$name" >&2
  printf '%s' "$made" >"$HEARTH_LARGE/$name/.made-from"
}
