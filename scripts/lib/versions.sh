#!/usr/bin/env bash
# The one place for the tools' versions; npm's are in package-lock.json.
# shellcheck disable=SC2034  # read by the scripts that source this file
RUST_MIN_MINOR=95          # Burn 0.22 needs Rust 1.95
WASM_BINDGEN_VERSION=0.2.130 # must equal the crate's, in Cargo.toml and Trunk.toml
TRUNK_VERSION=0.21.14      # the newest that Rust 1.95 compiles
NODE_NEEDED="18.19, 20.10 or newer"
TYPOS_VERSION=1.52.0
CARGO_DENY_VERSION=0.20.2
