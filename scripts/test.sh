#!/usr/bin/env bash
# Every check; a failing one does not keep the others from running. The last line sums up.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$HEARTH_ROOT"

output="$(mktemp)" page_output="$(mktemp)" page_status="$(mktemp)" page=""
# Leaves nothing behind, also when it is interrupted.
finish() {
  if [ -n "$page" ]; then kill -- "-$page" 2>/dev/null || true; fi
  rm -f "$output" "$page_output" "$page_status"
}
trap finish EXIT
passed=0 failed=0 skipped=0
unset FORCE_COLOR # It would hide the runners' counts.

# step NAME COMMAND...: runs it and, when it fails without having counted a failing test, counts one.
step() {
  local name="$1" status=0 count_before="$failed" started=$SECONDS
  shift
  say "== $name"
  "$@" 2>&1 | tee "$output" || status=$?
  count_tests
  if [ "$status" -ne 0 ]; then
    [ "$failed" -gt "$count_before" ] || failed=$((failed + 1))
    say "$name failed"
  fi
  say "$name took $((SECONDS - started)) s"
  return "$status"
}

# cargo says "test result: ok. 3 passed; 1 failed; ..."; node says "ℹ pass 3" and "ℹ fail 1".
count_tests() {
  local p f s
  read -r p f s < <(awk '
    /^test result: / { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^failed/) f += $(i-1); if ($i ~ /^ignored/) s += $(i-1) } }
    /^(ℹ|#) pass [0-9]+$/ { p += $3 }
    /^(ℹ|#) (fail|cancelled) [0-9]+$/ { f += $3 }
    /^(ℹ|#) (skipped|todo) [0-9]+$/ { s += $3 }
    /^hearth: .* (is|are) skipped/ { s += 1 }
    END { print p + 0, f + 0, s + 0 }' "$output")
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# start_page: the page is built while the native tests run, since its optimiser uses one core.
start_page() {
  set -m # A process group of its own, so that all of it can be ended.
  (
    status=0
    "$scripts/build.sh" </dev/null >"$page_output" 2>&1 || status=$?
    echo "$status" >"$page_status"
  ) &
  page=$!
  set +m
}

# end_page: waits until the page is built, and says what its build said.
end_page() {
  while [ ! -s "$page_status" ] && kill -0 "$page" 2>/dev/null; do sleep 0.5; done
  cat "$page_output"
  return "$(cat "$page_status")"
}

scripts=./scripts
step "format" "$scripts/fmt.sh" || true
step "lints" "$scripts/clippy.sh" || true
step "spelling" "$scripts/check-text.sh" || true
start_page
step "native tests" "$scripts/test-native.sh" || true
if step "page" end_page; then
  step "browser tests" "$scripts/test-browser.sh" || true
  step "Chrome's compiler" "$scripts/test-dawn.sh" || true
else
  say "without the page, the browser tests and those of Chrome's compiler did not run."
fi

printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
