#!/usr/bin/env bash
# A software GPU (Mesa's lavapipe) for the native GPU tests, where there is no real one. It is worth
# having but not needed: without it those tests are skipped.
# shellcheck source=scripts/lib/gpu.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/gpu.sh"

use_gpu
if [ "$HEARTH_GPU" = none ] && is_debian; then
  if [ "$(id -u)" = 0 ]; then
    apt_install "a software GPU for the tests" libvulkan1 mesa-vulkan-drivers
  else
    say "without a GPU some tests are skipped; for a software one: sudo apt-get install libvulkan1 mesa-vulkan-drivers"
  fi
fi
