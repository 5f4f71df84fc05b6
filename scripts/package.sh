#!/usr/bin/env bash
# The npm package from npm/ and the engine of dist/: target/package/, and packed target/hearth.tgz.
# shellcheck source=scripts/lib/node.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"
cd "$HEARTH_ROOT"

dist="${HEARTH_DIST:-$HEARTH_ROOT/dist}"
engine=("$dist"/engine-*/)
[ -e "${engine[0]}worker_bg.wasm" ] || die "dist/ has no engine; please run: make build"
[ ${#engine[@]} -eq 1 ] || die "dist/ has ${#engine[@]} engines; please remove it and run: make build"

package="$HEARTH_ROOT/target/package"
rm -rf "$package"
mkdir -p "$package"
cp -R npm/. "$package/"
cp "${engine[0]}worker.js" "${engine[0]}worker_bg.wasm" "$package/engine/"
cp -R "$dist/clip" "$dist/models" "$package/"
cp LICENSE-MIT LICENSE-APACHE NOTICE "$package/"

# One version for the crate, the page and the package.
version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)"
[ -n "$version" ] || die "Cargo.toml names no version."
sed "s/\"version\": \"0.0.0\"/\"version\": \"$version\"/" npm/package.json >"$package/package.json"

packed="$(cd target && npm pack --silent --offline --ignore-scripts ./package | tail -n 1)"
[ -e "target/$packed" ] || die "npm could not pack target/package."
mv "target/$packed" target/hearth.tgz
say "target/hearth.tgz: hearth $version, $(($(wc -c <target/hearth.tgz) / 1000000)) MB"
