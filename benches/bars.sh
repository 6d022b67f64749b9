#!/usr/bin/env bash
# Measures the policy on simulated traffic, beside the bars that it is held to. See README.md.
# usage: benches/bars.sh [--seeds N] [--numbers N] [--days D]
set -euo pipefail
cd "$(dirname "$0")/.."

seeds=5 numbers=40000 days=30
while [[ $# -gt 0 ]]; do
    case $1 in
        --seeds) seeds=${2:?--seeds needs a number}; shift 2 ;;
        --numbers) numbers=${2:?--numbers needs a number}; shift 2 ;;
        --days) days=${2:?--days needs a number}; shift 2 ;;
        *) echo "usage: benches/bars.sh [--seeds N] [--numbers N] [--days D]" >&2; exit 2 ;;
    esac
done

cargo build --release --quiet -p ringtrue
ringtrue=${CARGO_TARGET_DIR:-target}/release/ringtrue
work=benches/data/bars
reports=()
for seed in $(seq 101 $((100 + seeds))); do
    "$ringtrue" simulate --days "$days" --numbers "$numbers" --seed "$seed" --format csv --out "$work" --force 2>/dev/null
    "$ringtrue" evaluate --calls "$work/calls.csv" --reports "$work/reports.ndjson" --standing "$work/standing.csv" \
        --truth "$work/truth.csv" --output json > "benches/data/bars-$seed.json" 2>/dev/null
    reports+=("benches/data/bars-$seed.json")
done
rm -r "$work"
python3 benches/bars.py "${reports[@]}"
