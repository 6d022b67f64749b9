#!/usr/bin/env bash
# Measures a running `ringtrue serve` over loopback. See README.md.
# usage: benches/serve.sh PART [OPTION…]     parts: intake, lookups, growth, redis; `PART --help` has their options
set -euo pipefail
cd "$(dirname "$0")/.."

part=${1:?usage: benches/serve.sh PART [OPTION…], where PART is intake, lookups, growth or redis}
shift
target=${CARGO_TARGET_DIR:-target}
cargo build --release --quiet -p ringtrue -p bench-load
mkdir -p benches/data
# Server and load together get two cores.
exec taskset -c 0,1 "$target/release/bench-load" "$part" --ringtrue "$target/release/ringtrue" --data benches/data/serve "$@"
