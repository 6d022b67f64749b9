#!/usr/bin/env bash
# Measures how much of what the facts tell the score uses: gradient boosting on the same facts, beside it. See README.md.
# usage: benches/limits.sh [--worlds N] [--numbers N]
set -euo pipefail
cd "$(dirname "$0")/.."

worlds=2 numbers=60000
while [[ $# -gt 0 ]]; do
    case $1 in
        --worlds) worlds=${2:?--worlds needs a number}; shift 2 ;;
        --numbers) numbers=${2:?--numbers needs a number}; shift 2 ;;
        *) echo "usage: benches/limits.sh [--worlds N] [--numbers N]" >&2; exit 2 ;;
    esac
done

cargo build --release --quiet -p ringtrue
ringtrue=${CARGO_TARGET_DIR:-target}/release/ringtrue
source benches/fit/venv.sh
data=benches/data/limits
rm -rf "$data"
mkdir -p "$data"

folders=()
for seed in $(seq "$worlds"); do
    "$ringtrue" simulate --days 30 --numbers "$numbers" --seed "$seed" --format csv --out "$data/world-$seed" 2> /dev/null
    folders+=("$data/world-$seed")
done
"$ringtrue" fit --worlds "${folders[@]}" --policy fixtures/starting --prior 0.04 --form mixture --seed 1 \
    --policy-out "$data/reputation.toml" --table-out "$data/table.csv" > /dev/null 2>&1
rm -r "${folders[@]}"
"$python" benches/fit/limits.py "$data/table.csv"
