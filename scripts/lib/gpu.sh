#!/usr/bin/env bash
# Which GPU the native tests find. HEARTH_GPU becomes device, lavapipe or none.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

find_lavapipe() { compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' | head -n 1; }

# Read whole: a pipe that is left early would look like a failure.
has_vulkan_loader() {
  case "$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null)" in *libvulkan.so.1*) ;; *) return 1 ;; esac
}

has_vulkan_driver() {
  has_vulkan_loader && { compgen -G '/usr/share/vulkan/icd.d/*.json' || compgen -G '/etc/vulkan/icd.d/*.json'; } >/dev/null
}

# A driver is not a device: Mesa installs a driver for every vendor.
has_gpu_device() {
  [ "$(uname -s)" = Darwin ] ||
    { { compgen -G '/dev/dri/renderD*' || compgen -G '/dev/nvidia[0-9]*'; } >/dev/null && has_vulkan_driver; }
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
