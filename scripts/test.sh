#!/usr/bin/env bash
# Every check; a failing one does not keep the others from running. The last line sums up.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$HEARTH_ROOT"

output="$(mktemp)"
trap 'rm -f "$output"' EXIT
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

scripts=./scripts
step "format" "$scripts/fmt.sh" || true
step "lints" "$scripts/clippy.sh" || true
step "spelling" "$scripts/check-text.sh" || true
step "native tests" "$scripts/test-native.sh" || true
if step "page" "$scripts/build.sh"; then
  step "browser tests" "$scripts/test-browser.sh" || true
  step "Chrome's compiler" "$scripts/test-dawn.sh" || true
else
  say "without the page, the browser tests and those of Chrome's compiler did not run."
fi

printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
