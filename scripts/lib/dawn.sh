#!/usr/bin/env bash
# Software GPU for Dawn, Chrome's WebGPU, outside the browser: lavapipe of a Mesa that Dawn accepts.
# shellcheck source=scripts/lib/gpu.sh
source "$(dirname "${BASH_SOURCE[0]}")/gpu.sh"

MESA_NEEDED=25 # Dawn refuses the Vulkan of older ones.

# The manifest of a Mesa that scripts/setup/dawn.sh unpacked into the cache: the newest.
find_unpacked_lavapipe() { compgen -G "$HEARTH_CACHE/mesa-*/lvp_icd.json" | sort -V | tail -n 1; }

# Whether the installed lavapipe is new enough, as far as the package manager tells.
system_lavapipe_is_new_enough() {
  [ -n "$(find_lavapipe)" ] && has_vulkan_loader || return 1
  is_debian || return 0 # The tests ask the driver itself.
  dpkg --compare-versions "$(dpkg-query -W -f '${Version}' mesa-vulkan-drivers 2>/dev/null || echo 0)" ge "$MESA_NEEDED"
}

# HEARTH_DAWN becomes unpacked, system or none.
use_dawn() {
  local manifest
  HEARTH_DAWN=none
  if [ "$(uname -s)" = Linux ]; then
    if manifest="$(find_unpacked_lavapipe)" && [ -n "$manifest" ]; then
      HEARTH_DAWN=unpacked
      export VK_DRIVER_FILES="$manifest"
      # The manifest names the driver; its own libraries and Vulkan's loader are found here.
      LD_LIBRARY_PATH="$(dirname "$(lavapipe_library "$manifest")")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
      export LD_LIBRARY_PATH
    elif system_lavapipe_is_new_enough; then
      HEARTH_DAWN=system
      VK_DRIVER_FILES="$(find_lavapipe)"
      export VK_DRIVER_FILES
    fi
  fi
  export HEARTH_DAWN
  # Written-out kernels are large for LLVM: it shall neither optimise them nor take more lanes than four
  # (a third of the time), and what it has compiled is kept.
  export GALLIVM_PERF=nopt LP_NATIVE_VECTOR_WIDTH=128 MESA_SHADER_CACHE_DIR="$HEARTH_CACHE/mesa-shaders"
}

# lavapipe_library MANIFEST: the path of the driver that it names.
lavapipe_library() { sed -n 's/.*"library_path": *"\([^"]*\)".*/\1/p' "$1"; }
