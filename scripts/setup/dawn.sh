#!/usr/bin/env bash
# A Mesa whose lavapipe Dawn accepts, for the tests of Chrome's compiler. Debian 12 has it among its
# backports: the packages are unpacked into the cache, and the installed Mesa stays as it is. Nothing
# here needs root. Without it those tests are skipped.
# shellcheck source=scripts/lib/dawn.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/dawn.sh"

use_dawn
[ "$HEARTH_DAWN" = none ] || exit 0
if ! is_debian; then
  say "lavapipe of Mesa $MESA_NEEDED or newer was not found: the tests of Chrome's compiler will be skipped."
  exit 0
fi

without() {
  say "$1: the tests of Chrome's compiler will be skipped."
  exit 0
}

# The mirror that this machine uses, for its own release.
codename="$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")"
mirror="$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' | awk -v release="$codename" '$2 == release { print $1; exit }')"
[ -n "$mirror" ] || without "apt has no mirror of Debian $codename"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/tree"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
if [ -e "$keyring" ]; then signed="[signed-by=$keyring] "; else signed=""; fi
printf "deb $signed%s %s main\n" "$mirror" "$codename" "$mirror" "$codename-backports" >"$work/sources.list"
: >"$work/status" # As if nothing was installed: what is unpacked depends on no machine.

# apt's own lists and state are neither read nor written.
private_apt() {
  apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$work/lists" -o Dir::State::Status="$work/status" \
    -o Dir::State::extended_states="$work/extended_states" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Debug::NoLocking=1 "$@"
}

say "fetching Mesa's software GPU for Dawn (60 MB, unpacked into the cache)"
log="$(log_file dawn)"
private_apt update >"$log" 2>&1 || without "apt could not read $codename-backports (see $log)"
private_apt install -y --no-install-recommends --download-only -t "$codename-backports" mesa-vulkan-drivers >>"$log" 2>&1 ||
  without "apt could not fetch mesa-vulkan-drivers (see $log)"

for package in "$work"/cache/archives/*.deb; do
  case "$(basename "$package")" in
    mesa-vulkan-drivers_*) version="$(dpkg-deb -f "$package" Version)" ;;
    libc6_* | libgcc-s1_* | libstdc++6_* | gcc-*-base_*) continue ;; # Those of this system run everything else too.
  esac
  dpkg -x "$package" "$work/tree"
done
dpkg --compare-versions "${version:-0}" ge "$MESA_NEEDED" || without "Debian $codename has Mesa ${version:-none}, Dawn needs $MESA_NEEDED"

# All libraries in one folder, and a manifest that names the driver there.
mesa="$HEARTH_CACHE/mesa-$version"
unfinished="$HEARTH_CACHE/unfinished-mesa"
rm -rf "$mesa" "$unfinished"
mkdir -p "$unfinished/lib"
find "$work/tree" -name '*.so*' \( -type f -o -type l \) ! -path '*/share/*' -exec cp -P {} "$unfinished/lib/" \;
driver=libvulkan_lvp.so
find "$unfinished/lib" -name 'libvulkan_*.so' ! -name "$driver" -delete # Those of graphics cards.
manifest="$(find "$work/tree" -name 'lvp_icd*.json' | head -n 1)"
[ -e "$unfinished/lib/$driver" ] && [ -n "$manifest" ] || without "mesa-vulkan-drivers $version has no lavapipe"
sed "s|\"library_path\": *\"[^\"]*\"|\"library_path\": \"$mesa/lib/$driver\"|" "$manifest" >"$unfinished/lvp_icd.json"
mv "$unfinished" "$mesa"
