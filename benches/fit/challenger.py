"""Gradient boosting (LightGBM) on the columns of a table: the yardstick of `ringtrue fit`, not a part of it.

Usage: challenger.py FOLDER TABLE …; prints the AUC on the part `test` and the seconds of each.
"""

import pathlib
import sys
import time
import tomllib

import lightgbm
import numpy as np


def columns(path):
    with open(path, encoding="ascii") as file:
        header = file.readline().strip().split(",")
        rows = [line.rstrip("\n").split(",") for line in file]
    text = {name: [row[i] for row in rows] for i, name in enumerate(header)}
    part = np.array(text.pop("split"))
    y = np.array(text.pop("unwanted"), dtype=int)
    return {name: np.array([float(cell or "nan") for cell in cells]) for name, cells in text.items()}, y, part


def auc(score, y):
    order = np.argsort(score, kind="stable")
    _, inverse, count = np.unique(score[order], return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    rank = np.empty(len(y))
    rank[order] = (last - (count - 1) / 2)[inverse]
    ones = y.sum()
    return (rank[y == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(y) - ones))


def features(folder, name):
    """All columns, and the ratio of each rate besides, so that the trees need not find it."""
    found, y, part = columns(folder / f"{name}.csv")
    spec = tomllib.loads((folder / f"{name}.toml").read_text(encoding="ascii"))
    for one in spec["evidence"]:
        if "s" in one:
            with np.errstate(divide="ignore", invalid="ignore"):
                found[one["name"]] = found[one["s"]] / found[one["n"]]
    return np.column_stack(list(found.values())), y, part


def boosted(x, y, part, options):
    """Gradient boosting with these options, stopped early by the part `validation`."""
    train, validation = part == "train", part == "validation"
    usual = {"objective": "binary", "num_threads": 2, "seed": 1, "deterministic": True, "verbosity": -1}
    return lightgbm.train(
        usual | options,
        lightgbm.Dataset(x[train], y[train]),
        num_boost_round=3000,
        valid_sets=[lightgbm.Dataset(x[validation], y[validation])],
        callbacks=[lightgbm.early_stopping(100, verbose=False)],
    )


def best(x, y, part):
    """The best of three settings by the logarithmic loss on the part `validation`, each stopped early."""
    trials = []
    for leaves, at_least in ((31, 20), (15, 40), (7, 20)):
        options = {
            "learning_rate": 0.03,
            "num_leaves": leaves,
            "min_data_in_leaf": at_least,
            "feature_fraction": 0.8,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
        }
        model = boosted(x, y, part, options)
        trials.append((model.best_score["valid_0"]["binary_logloss"], leaves, model))
    return min(trials, key=lambda trial: trial[:2])[2]


def main():
    folder = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:]:
        x, y, part = features(folder, name)
        started = time.perf_counter()
        model = best(x, y, part)
        seconds = time.perf_counter() - started
        test = part == "test"
        print(f"{name} {auc(model.predict(x[test]), y[test]):.4f} {seconds:.1f}")


if __name__ == "__main__":
    main()
