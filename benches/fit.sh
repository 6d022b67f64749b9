#!/usr/bin/env bash
# Measures `ringtrue fit` beside gradient boosting on labelled tables of several kinds. See README.md.
# usage: benches/fit.sh [--seeds N] [TABLE …]
set -euo pipefail
cd "$(dirname "$0")/.."

seeds=3
tables=()
while [[ $# -gt 0 ]]; do
    case $1 in
        --seeds) seeds=${2:?--seeds needs a number}; shift 2 ;;
        -*) echo "usage: benches/fit.sh [--seeds N] [TABLE …]" >&2; exit 2 ;;
        *) tables+=("$1"); shift ;;
    esac
done
[[ ${#tables[@]} -gt 0 ]] || tables=(subscribers rates heavy small rare noisy interactions missing large)

cargo build --release --quiet -p ringtrue
ringtrue=${CARGO_TARGET_DIR:-target}/release/ringtrue

source benches/fit/venv.sh

mkdir -p benches/data
for seed in $(seq "$seeds"); do
    folder=benches/data/fit-$seed
    "$python" benches/fit/tables.py "$folder" "$seed" "${tables[@]}"
    for table in "${tables[@]}"; do
        started=$(date +%s.%N)
        auc=$("$ringtrue" fit --features "$folder/$table.csv" --label unwanted --split split --spec "$folder/$table.toml" \
            --out "$folder/$table.score.toml" --seed "$seed" --output json | sed -n 's/^  "auc": \([0-9.]*\).*/\1/p')
        seconds=$(date +%s.%N | awk -v started="$started" '{ print $1 - started }')
        read -r _ other other_seconds < <("$python" benches/fit/challenger.py "$folder" "$table")
        printf '%-13s seed %d  ringtrue fit %.4f %6.1f s  LightGBM %.4f %6.1f s  difference %+.4f\n' \
            "$table" "$seed" "$auc" "$seconds" "$other" "$other_seconds" "$(awk "BEGIN { print $auc - $other }")"
    done
done | tee benches/data/fit.txt
awk '{ gsub("seed", ""); sum[$1] += $NF; count[$1]++ } END { for (name in sum) printf "%-13s mean difference %+.4f\n", name, sum[name] / count[name] }' \
    benches/data/fit.txt | sort
