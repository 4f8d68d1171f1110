"""The network against linear models on real tables, on the same encoding and splits.

    python benchmarks/tables.py [SET ...] > table.txt

For each set: five splits (seeds 100 to 104; Adult keeps its published test part), and
on each the default network that `pellucid train FILE --target COLUMN` trains, and
scikit-learn's logistic regression (C = 1) or ridge regression (alpha by leave-one-out).
Both learn from the training part and are looked at once, on the test part: accuracy for
classes, R² for numbers. Prints a Markdown table: mean ± standard deviation over the
splits, and the mean difference with its standard error. The files are looked for in the
folder PELLUCID_DATA, else in ../shared/data.
"""

import os
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from pellucid import evaluation, read, recipes, results
from pellucid.data.tables import read_table

SPLITS = range(100, 105)

SETS = {
    "california_housing": ("california_housing/housing.csv.gz", "median_house_value"),
    "adult": ("adult/adult-train.csv.gz", "-1"),
    "diamonds": ("diamonds/diamonds.csv.gz", "price"),
    "wine_quality (red)": ("wine_quality/winequality-red.csv", "-1"),
    "wine_quality (white)": ("wine_quality/winequality-white.csv.gz", "-1"),
    "abalone": ("abalone/abalone.csv.gz", "-1"),
    "german_credit": ("german_credit/german.csv", "-1"),
    "spambase": ("spambase/spambase.data.gz", "-1"),
    "letter": ("letter/letter-recognition.data.gz", "Letter"),
    "telco_churn": (
        "telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv.gz",
        "Churn",
    ),
    "bike_sharing": ("bike_sharing/hour.csv.gz", "cnt"),
    "ames_housing": ("ames_housing/AmesHousing.csv.gz", "SalePrice"),
    "kddcup99_10pct": ("kddcup99_10pct/kddcup.data_10_percent.gz", "-1"),
    "covertype_20k": ("covertype_20k/covtype.20k.data.gz", "-1"),
}
"""Name to file and target."""

MORE = {
    "adult": {"test_file": "adult/adult-test.csv.gz"},
    "bike_sharing": {"ignore": ["casual", "registered"]},  # they add up to the target
}


def network_score(data, seed):
    """What the default network reaches on the test part, and its seconds."""
    settings = recipes.settings(None, data, seed=seed)
    network = recipes.build(settings, data)
    begin = time.perf_counter()
    for _ in recipes.run(settings, network, data):
        pass
    seconds = time.perf_counter() - begin
    cost = results.cost_of(settings, network)
    found = evaluation.evaluate(network, data.test, cost)
    return found.r2 if found.accuracy is None else found.accuracy, seconds


def linear_score(data):
    """What the linear model reaches on the test part, and its seconds."""
    from sklearn.linear_model import LogisticRegression, RidgeCV

    begin = time.perf_counter()
    if data.classes is None:
        model = RidgeCV(np.logspace(-3, 4, 15)).fit(data.train.x, data.train.y)
        return model.score(data.test.x, data.test.y), time.perf_counter() - begin
    model = LogisticRegression(max_iter=300).fit(data.train.x, data.train.labels)
    return model.score(data.test.x, data.test.labels), time.perf_counter() - begin


def line(name, folder):
    """One line of the table."""
    file, target = SETS[name]
    more = dict(MORE.get(name, {}))
    if "test_file" in more:
        more["test_file"] = folder / more["test_file"]
    table = read_table(folder / file)
    scores = {"network": [], "linear": []}
    seconds = {"network": [], "linear": []}
    for seed in SPLITS:
        data = read(table, target, seed=seed, **more)
        for kind, (score, spent) in (
            ("network", network_score(data, seed)),
            ("linear", linear_score(data)),
        ):
            scores[kind].append(score)
            seconds[kind].append(spent)
    network, linear = (np.array(scores[kind]) for kind in ("network", "linear"))
    difference = network - linear
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    what = "R²" if data.classes is None else "accuracy"
    cells = [
        name,
        f"{len(data.train):,} × {data.inputs}",
        what,
        f"{network.mean():.4f} ± {network.std(ddof=1):.4f}",
        f"{linear.mean():.4f} ± {linear.std(ddof=1):.4f}",
        f"{difference.mean():+.4f} ± {error:.4f}",
        f"{np.mean(seconds['network']):.1f} s",
        f"{np.mean(seconds['linear']):.1f} s",
    ]
    return "| " + " | ".join(cells) + " |"


def main():
    """Print the table."""
    warnings.simplefilter("ignore")  # of logistic regressions that have not converged
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("PELLUCID_DATA") or beside)
    names = sys.argv[1:] or list(SETS)
    print(
        "| set | rows × inputs | measure | network | linear | difference | network's "
        "time | linear's |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in names:
        print(line(name, folder), flush=True)


if __name__ == "__main__":
    main()
