"""Makes labelled tables of different kinds by seed, each with the specification that `ringtrue fit` learns it by.

Usage: tables.py OUT SEED [KIND …]
"""

import pathlib
import sys

import numpy as np


def split_of(rng, n):
    """A part for each row: 60 % train, 20 % validation, 20 % test."""
    part = np.array(["train"] * n, dtype=object)
    order = rng.permutation(n)
    part[order[: n // 5]] = "validation"
    part[order[n // 5 : 2 * (n // 5)]] = "test"
    return part


class Table:
    """Columns, the evidence made of them, and the truth."""

    def __init__(self, y):
        self.y = y.astype(int)
        self.columns = {}
        self.evidence = []

    def value(self, name, values, scale="linear"):
        self.columns[name] = np.round(values, 6)
        self.evidence.append({"name": name, "form": "value", "value": name, "fit": "shape", "scale": scale})

    def rate(self, name, s, n):
        self.columns[f"{name}_s"] = s
        self.columns[f"{name}_n"] = n
        self.evidence.append({"name": name, "form": "rate", "s": f"{name}_s", "n": f"{name}_n", "fit": "shape"})

    def lose(self, rng, share):
        """Drops values at random; a rate loses both of its counts."""
        for one in self.evidence:
            gone = rng.random(len(self.y)) < share
            for key in ("value", "s", "n"):
                if key in one:
                    column = self.columns[one[key]].astype(float)
                    column[gone] = np.nan
                    self.columns[one[key]] = column

    def write(self, folder, name, rng):
        part = split_of(rng, len(self.y))
        names = list(self.columns)
        with open(folder / f"{name}.csv", "w", encoding="ascii") as out:
            out.write(",".join([*names, "unwanted", "split"]) + "\n")
            for i in range(len(self.y)):
                cells = ("" if np.isnan(v := float(self.columns[c][i])) else f"{v:.10g}" for c in names)
                out.write(",".join([*cells, str(self.y[i]), part[i]]) + "\n")
        with open(folder / f"{name}.toml", "w", encoding="ascii") as out:
            for one in self.evidence:
                out.write("[[evidence]]\n" + "".join(f'{key} = "{text}"\n' for key, text in one.items()) + "\n")


def beta_counts(rng, mean, strength, n):
    """Counts of n whose shares vary between callers."""
    p = rng.beta(np.clip(mean, 1e-3, 1 - 1e-3) * strength, (1 - np.clip(mean, 1e-3, 1 - 1e-3)) * strength)
    return rng.binomial(n, p)


def subscribers(rng, n=6000):
    """Voice columns of subscribers, a third of them unwanted: heavy-tailed, redundant, several kinds in each class."""
    y = rng.random(n) < 0.32
    kind = np.where(y, rng.choice([4, 5, 6, 7], n, p=[0.3, 0.2, 0.2, 0.3]), rng.choice([0, 1, 2, 3], n, p=[0.5, 0.2, 0.2, 0.1]))
    # Kinds: private, busy private, shop, silent; dialer, slow scam, call-back bait, hidden among private.
    volume = np.array([3.6, 4.6, 4.9, 1.3, 5.2, 3.4, 4.2, 3.4])[kind] + rng.normal(0, 0.95, n)
    calls = rng.poisson(np.exp(volume)) + 1
    out_share = np.array([0.5, 0.5, 0.35, 0.4, 0.93, 0.82, 0.75, 0.55])[kind]
    out = beta_counts(rng, out_share, 9, calls)
    inbound = calls - out
    new = np.array([0.3, 0.38, 0.55, 0.5, 0.9, 0.85, 0.8, 0.42])[kind]
    distinct = np.maximum(beta_counts(rng, new, 7, np.maximum(out, 1)), 1)
    mu = np.array([4.1, 4.0, 3.8, 3.6, 2.9, 4.2, 2.2, 3.9])[kind] + rng.normal(0, 0.55, n)
    spread = np.exp(rng.normal(0, 0.35, n))
    mean_s = np.exp(mu + rng.normal(0, 1.2 / np.sqrt(calls), n))
    short = beta_counts(rng, 1 / (1 + np.exp(1.3 * (mu - 3.0))), 12, calls)
    night = beta_counts(rng, np.array([0.12, 0.15, 0.03, 0.1, 0.03, 0.06, 0.05, 0.12])[kind], 15, calls)
    days = np.minimum(30, 1 + rng.poisson(np.array([22, 26, 24, 5, 12, 9, 7, 20])[kind]))
    imeis = 1 + rng.poisson(np.array([0.2, 0.25, 0.15, 0.1, 1.4, 0.9, 1.1, 0.25])[kind])
    cities = 1 + rng.poisson(np.array([1.2, 2.2, 0.7, 0.6, 2.8, 2.0, 1.5, 1.4])[kind])
    t = Table(y)
    log = dict(scale="log")
    t.value("calls", calls, **log)
    t.value("out_calls", out + 0.0, **log)
    t.value("in_calls", inbound + 0.0, **log)
    t.rate("out", out, calls)
    t.value("distinct", distinct, **log)
    t.rate("new", distinct, np.maximum(out, 1))
    t.value("mean_s", mean_s, **log)
    t.value("median_s", mean_s * np.exp(rng.normal(-0.3, 0.25, n)), **log)
    t.value("max_s", mean_s * np.exp(spread * np.sqrt(2 * np.log(calls + 1))), **log)
    t.value("sd_s", mean_s * spread * np.exp(rng.normal(0, 0.2, n)), **log)
    t.value("total_s", mean_s * calls, **log)
    t.rate("short", short, calls)
    t.rate("night", night, calls)
    t.value("days", days)
    t.value("calls_per_day", calls / days, **log)
    t.value("distinct_per_day", distinct / days, **log)
    t.value("devices", imeis)
    t.value("cities", cities)
    t.value("cells", cities * np.exp(rng.normal(1.0, 0.5, n)), **log)
    t.value("busiest_hour", np.clip(rng.normal(13 + 2 * (kind % 3), 4, n), 0, 23))
    t.value("hour_entropy", np.clip(np.log(calls + 1) * 0.5 + rng.normal(0, 0.4, n) - 0.5 * y, 0, 3.2))
    t.value("gap_mean_s", days * 86400 / calls * np.exp(rng.normal(0, 0.3, n)), **log)
    t.value("gap_cv", np.exp(rng.normal(0.4 + 0.3 * np.isin(kind, [4, 6]), 0.4, n)), **log)
    t.value("repeat_max", 1 + rng.poisson(np.maximum(calls * (1 - new) * 0.2, 0.1)), **log)
    t.rate("back", beta_counts(rng, np.array([0.4, 0.4, 0.3, 0.2, 0.04, 0.1, 0.25, 0.33])[kind], 8, distinct), distinct)
    t.value("noise_1", rng.normal(0, 1, n))
    t.value("noise_2", rng.lognormal(0, 1, n), **log)
    return t


def rates(rng, n=8000):
    """Rates alone, many of few observations, one caller in twenty unwanted."""
    y = rng.random(n) < 0.05
    t = Table(y)
    common = rng.normal(0, 1, n)
    for i, (good, bad, strength) in enumerate(
        [(0.13, 0.5, 9), (0.012, 0.08, 25), (0.45, 0.8, 8), (0.48, 0.9, 5), (0.2, 0.3, 12), (0.05, 0.09, 30), (0.5, 0.5, 5), (0.3, 0.2, 20)]
    ):
        count = np.maximum(rng.poisson(np.exp(rng.normal(2.6, 1.3, n))), 0)
        mean = np.where(y, bad, good)
        logit = np.log(mean / (1 - mean)) + 0.4 * common
        t.rate(f"rate_{i}", beta_counts(rng, 1 / (1 + np.exp(-logit)), strength, count), count)
    return t


def heavy(rng, n=20000, share=0.2, columns=15, informative=10, interaction=0.0, noise=1.0):
    """Values with heavy tails whose effects bend, jump or peak; correlated in groups."""
    factors = rng.normal(0, 1, (n, 5))
    z = np.zeros(n)
    raw = []
    for j in range(columns):
        x = 0.6 * factors[:, j % 5] + 0.8 * rng.standard_t(4, n)
        raw.append(x)
        if j < informative:
            bend = [np.tanh(1.5 * x), (x > 0.7) * 1.2, np.exp(-x * x) * 1.5, np.clip(x, -1, 2), np.sin(2 * x)][j % 5]
            z += bend * (1.2 if j < 5 else 0.6)
    if interaction:
        z += interaction * (raw[0] * raw[1] > 0) * np.minimum(abs(raw[2]), 2)
    z += noise * rng.logistic(0, 1, n)
    y = z > np.quantile(z, 1 - share)
    t = Table(y)
    for j, x in enumerate(raw):
        if j % 3 == 0:
            t.value(f"x{j}", np.exp(1.2 * x), scale="log")
        else:
            t.value(f"x{j}", x)
    return t


def missing(rng):
    t = heavy(rng, n=10000, share=0.3)
    t.lose(rng, 0.2)
    return t


def calls(rng, n=100_000):
    """As large as a fit must bear: 20 values and 10 rates."""
    t = heavy(rng, n=n, share=0.1, columns=20, informative=14)
    z = rng.normal(0, 1, n)
    for i in range(10):
        count = rng.poisson(np.exp(rng.normal(3, 1, n)))
        mean = 1 / (1 + np.exp(1.5 - 0.9 * (t.y if i < 6 else 0) - 0.5 * z))
        t.rate(f"rate_{i}", beta_counts(rng, mean, 10, count), count)
    return t


KINDS = {
    "subscribers": subscribers,
    "rates": rates,
    "heavy": heavy,
    "small": lambda rng: heavy(rng, n=2000, share=0.3, columns=12, informative=8),
    "rare": lambda rng: heavy(rng, n=60_000, share=0.01),
    "noisy": lambda rng: heavy(rng, n=6000, share=0.25, columns=30, informative=5),
    "interactions": lambda rng: heavy(rng, n=20_000, share=0.3, interaction=1.0),
    "missing": missing,
    "large": calls,
}


def main():
    folder, seed, wanted = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] or list(KINDS)
    folder.mkdir(parents=True, exist_ok=True)
    for place, name in enumerate(KINDS):
        if name in wanted:
            rng = np.random.default_rng([seed, place])
            KINDS[name](rng).write(folder, name, rng)


if __name__ == "__main__":
    main()
