#!/usr/bin/env bash
# Measures the policy on simulated traffic, beside the bars that it is held to. See README.md.
# usage: benches/bars.sh [--seeds N] [--numbers N] [--days D] [--spread F] [--policy DIR]
set -euo pipefail
cd "$(dirname "$0")/.."

usage="usage: benches/bars.sh [--seeds N] [--numbers N] [--days D] [--spread F] [--policy DIR]"
seeds=5 numbers=60000 days=30 spread=1 policy=()
while [[ $# -gt 0 ]]; do
    case $1 in
        --seeds) seeds=${2:?--seeds needs a number}; shift 2 ;;
        --numbers) numbers=${2:?--numbers needs a number}; shift 2 ;;
        --days) days=${2:?--days needs a number}; shift 2 ;;
        --spread) spread=${2:?--spread needs a number}; shift 2 ;;
        --policy) policy=(--policy "${2:?--policy needs a folder}"); shift 2 ;;
        *) echo "$usage" >&2; exit 2 ;;
    esac
done

cargo build --release --quiet -p ringtrue
ringtrue=${CARGO_TARGET_DIR:-target}/release/ringtrue
data=benches/data/bars
world=$data/world
rm -rf "$data"
mkdir -p "$data"
python3 benches/bars.py scenario policy/scenario.toml "$spread" > "$data/scenario.toml"

# One world: where its report goes, its seed, how many numbers, then what else is told to simulate, and after -- to evaluate.
measure() {
    local report=$1 seed=$2 size=$3
    shift 3
    local told=()
    while [[ $# -gt 0 && $1 != -- ]]; do told+=("$1"); shift; done
    [[ $# -gt 0 ]] && shift
    "$ringtrue" simulate --days "$days" --numbers "$size" --seed "$seed" --scenario "$data/scenario.toml" "${told[@]}" \
        --format csv --out "$world" --force 2> /dev/null
    "$ringtrue" evaluate --calls "$world/calls.csv" --reports "$world/reports.ndjson" --standing "$world/standing.csv" \
        --truth "$world/truth.csv" "${policy[@]}" "$@" --output json > "$data/$report-$seed.json" 2> /dev/null
    rm -r "$world"
}

# The worlds of adversaries are a third as large: each is played by itself.
small=$((numbers / 3))
for seed in $(seq 101 $((100 + seeds))); do
    measure plain "$seed" "$numbers"
    measure padding "$seed" "$small" --adversary padding
    measure redial "$seed" "$small" --adversary redial
    measure unbombed "$seed" "$small" --adversary complaint_bombing --strength 0
    measure bombed "$seed" "$small" --adversary complaint_bombing
done
measure trade_off 101 "$small" -- --trade-off
python3 benches/bars.py report "$data"
