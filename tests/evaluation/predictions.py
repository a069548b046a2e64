"""Made-up tables of predictions for the tests of scores and comparisons."""

import numpy as np
import pandas as pd


def predictions(labels, classes, *, skill, seed=0, runs=1):
    """A model's table: the higher its skill, the more often the label has the highest probability.

    labels : ints, shape (items,), places in `classes`
    """
    tables, names = [], np.array(classes)
    rng = np.random.default_rng(seed)
    for run in range(1, runs + 1):
        logits = rng.normal(size=(len(labels), len(classes)))
        logits[np.arange(len(labels)), labels] += skill
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        predicted = names[probabilities.argmax(axis=1)]
        tables.append(_table(run, names[labels], predicted, probabilities, classes))
    return pd.concat(tables, ignore_index=True)


def answers(right, *, first="a", second="b"):
    """A two-class model's table from what it gets right, shape (items,) or (runs, items); labels alternate."""
    classes, right = np.array([first, second]), np.atleast_2d(right)
    labels = np.arange(right.shape[1]) % 2
    tables = []
    for run, own in enumerate(right, 1):
        named = np.where(own, labels, 1 - labels)
        tables.append(_table(run, classes[labels], classes[named], np.eye(2)[named] * 0.8 + 0.1, classes))
    return pd.concat(tables, ignore_index=True)


def _table(run, labels, predicted, probabilities, classes):
    ids = [f"item{number:03}" for number in range(len(labels))]
    table = pd.DataFrame({"run": run, "id": ids, "label": labels, "predicted": predicted})
    return pd.concat([table, pd.DataFrame(probabilities, columns=list(classes))], axis=1)


def each_its_own(table):
    """Groups of one item each."""
    ids = table["id"].unique()
    return pd.Series(ids, index=ids)
