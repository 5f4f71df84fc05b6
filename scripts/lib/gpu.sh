#!/usr/bin/env bash
# Which GPU the native tests find. HEARTH_GPU becomes device, lavapipe or none.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

find_lavapipe() { compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' | head -n 1; }

has_vulkan_loader() { ldconfig -p 2>/dev/null | grep -q libvulkan.so.1; }

# A driver is not a device: Mesa installs a driver for every vendor.
has_gpu_device() {
  [ "$(uname -s)" = Darwin ] || compgen -G '/dev/dri/renderD*' >/dev/null || compgen -G '/dev/nvidia[0-9]*' >/dev/null
}

use_gpu() {
  if [ -n "${HEARTH_GPU:-}" ]; then return; fi
  if has_gpu_device; then
    HEARTH_GPU=device
  elif [ -n "$(find_lavapipe)" ] && has_vulkan_loader; then
    HEARTH_GPU=lavapipe
    # Named outright, so that no other driver is asked and fails loudly.
    export VK_DRIVER_FILES="${VK_DRIVER_FILES:-$(find_lavapipe)}"
  else
    HEARTH_GPU=none
  fi
  export HEARTH_GPU
}
