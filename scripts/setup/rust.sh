#!/usr/bin/env bash
# A Rust that is new enough for the terminal program, the tests and the tools.
# shellcheck source=scripts/lib/rust.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib/rust.sh"

if is_debian && [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then apt_install "certificates for downloads" ca-certificates; fi

if ! path_rust_works && ! debian_rust_works; then
  if have rustup; then
    # An old rustup toolchain is the user's to update: other projects may depend on it.
    die "Hearth needs Rust 1.$RUST_MIN_MINOR or newer and found $(rustc --version 2>/dev/null || echo none); please run: rustup update stable"
  fi
  is_debian || die "Hearth needs Rust 1.$RUST_MIN_MINOR or newer; please install it with rustup (https://rustup.rs)."
  apt_install "Rust" rustc-web cargo-web rustfmt-web rust-web-clippy libc6-dev ca-certificates
  debian_rust_works || die "Debian's Rust is older than 1.$RUST_MIN_MINOR here; please install it with rustup (https://rustup.rs)."
fi

have cc || apt_install "a C compiler (Rust links with it)" gcc libc6-dev

use_native_rust
if have rustup && path_rust_works; then
  for component in rustfmt clippy; do
    if ! cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1; then
      say "adding rustup's $component"
      rustup component add "$component" >/dev/null 2>&1 || say "rustup could not add $component; its check will be skipped."
    fi
  done
fi
