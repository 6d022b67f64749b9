"""What the facts can tell at all: gradient boosting beside the policy's score, on the part `test` of the table that
`ringtrue fit --table-out` derives from traffic. Once with everything, once under the promises that the policy makes: evidence adds
up, never turns, and knows shares but not how much somebody calls.

Usage: limits.py TABLE
"""

import sys

import numpy as np

from challenger import auc, best, boosted

# The bars' idea of a busy number.
BUSY = 50
# A share of few calls is drawn to that of all by so many.
DRAWN = 8
RATES = (("invalid", "destinations"), ("unanswered", "answerable"), ("short", "answered"), ("first_calls", "first_calls_of"),
         ("talk_s", "talk_of"), ("full", "attempts"), ("partial", "attempts"), ("gateway", "attempts"), ("unsigned", "attempts"),
         ("reports", "attempts"))
WRONGED = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02)


def read(path):
    """The columns as text."""
    with open(path, encoding="ascii") as file:
        names = file.readline().strip().split(",")
        rows = [line.rstrip("\n").split(",") for line in file]
    return {name: np.array([row[i] for row in rows]) for i, name in enumerate(names)}


def facts(table):
    """Every fact, and each rate besides, so that the trees need not find it."""
    told = {name: cells.astype(float) for name, cells in table.items() if name not in ("tn", "unwanted", "registered", "part", "p")}
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = [told[s] / told[n] for s, n in RATES]
    return np.column_stack(list(told.values()) + rates)


# Which way the evidence of each of RATES and of the block may only go; 0 is either.
DIRECTIONS = (1, 1, 1, 1, -1, -1, 1, 1, 0, 1, 1)


def shares(table):
    """What adds up under the policy's promises: each share, drawn to the mean where few calls tell it, and the block."""
    told = {name: table[name].astype(float) for pair in RATES for name in pair}
    drawn = [(told[s] + DRAWN * told[s].sum() / told[n].sum()) / (told[n] + DRAWN) for s, n in RATES]
    return np.column_stack(drawn + [table["block_nats"].astype(float)])


def additive(x, directions, y, part):
    """Boosting of single splits that never turn, stopped early."""
    options = {"learning_rate": 0.1, "num_leaves": 2, "min_data_in_leaf": 20, "monotone_constraints": directions}
    return boosted(x, y, part, options)


def caught(score, unwanted, wronged):
    """The share of unwanted numbers above the threshold that wrongs this share of the wanted ones."""
    wanted = np.sort(score[~unwanted])[::-1]
    return (score[unwanted] > wanted[int(wronged * len(wanted))]).mean()


def main(path):
    table = read(path)
    unwanted, part = table["unwanted"] == "true", table["part"]
    x, drawn, y = facts(table), shares(table), unwanted.astype(int)
    # How simulated callers of a class sign their calls differs by chance alone, so that the mix betrays the class.
    unsigned = [at for at, (s, _) in enumerate(RATES + (("block", ""),)) if s not in ("full", "partial", "gateway", "unsigned")]
    model, monotone = best(x, y, part), additive(drawn, list(DIRECTIONS), y, part)
    of_calls = additive(drawn[:, unsigned], [DIRECTIONS[at] for at in unsigned], y, part)
    # Registered callers have evidence of their own, which is no fact about their calls.
    test = (part == "test") & (x[:, 0] >= BUSY) & (table["registered"] == "false")
    scores = {
        "ringtrue": table["p"][test].astype(float),
        "unsigned": of_calls.predict(drawn[test][:, unsigned], raw_score=True),
        "adding up": monotone.predict(drawn[test], raw_score=True),
        "anything": model.predict(x[test], raw_score=True),
    }
    truth = unwanted[test]
    print(f"{truth.sum():,} unwanted and {(~truth).sum():,} wanted numbers with {BUSY} calls or more, not registered")
    print(f"{'at a moment of their lives':<28}" + "".join(f"{name:>12}" for name in scores))
    print(f"{'AUC':<28}" + "".join(f"{auc(score, truth):>12.4f}" for score in scores.values()))
    for share in WRONGED:
        found = "".join(f"{caught(score, truth, share):>12.1%}" for score in scores.values())
        print(f"{f'caught, wronging {share:.2%}':<28}{found}")


if __name__ == "__main__":
    main(*sys.argv[1:])
