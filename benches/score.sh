#!/usr/bin/env bash
# Measures `ringtrue score` beside DuckDB and Polars on one generated file. See README.md.
# usage: benches/score.sh [--calls N] [--seed N] [--rounds N] [--peers-only]
set -euo pipefail
cd "$(dirname "$0")/.."

calls=20000000 seed=1 rounds=3 peers_only=
while [[ $# -gt 0 ]]; do
    case $1 in
        --calls) calls=${2:?--calls needs a number}; shift 2 ;;
        --seed) seed=${2:?--seed needs a number}; shift 2 ;;
        --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
        --peers-only) peers_only=1; shift ;;
        *) echo "usage: benches/score.sh [--calls N] [--seed N] [--rounds N] [--peers-only]" >&2; exit 2 ;;
    esac
done

target=${CARGO_TARGET_DIR:-target}
compare=(--rounds "$rounds")
cargo build --release --quiet -p bench-generator
if [[ -z $peers_only ]]; then
    cargo build --release --quiet -p ringtrue
    compare+=(--ringtrue "$target/release/ringtrue")
fi

# A file that is half written must not be taken for a whole one.
file=benches/data/calls-$calls-$seed.csv
if [[ ! -f $file ]]; then
    mkdir -p benches/data
    "$target/release/bench-generator" --calls "$calls" --seed "$seed" --out "$file.part"
    mv "$file.part" "$file"
fi

# The environment is made once, and again when the pinned versions change.
venv=benches/.venv
if ! cmp --quiet benches/peers/requirements.txt "$venv/requirements.txt"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r benches/peers/requirements.txt
    cp benches/peers/requirements.txt "$venv/requirements.txt"
fi

"$venv/bin/python" benches/compare.py "$file" "${compare[@]}"
