"""Made-up tables of predictions for the tests of scores and comparisons."""

import numpy as np
import pandas as pd


def predictions(labels, classes, *, skill, seed=0):
    """A model's table: the higher its skill, the more often the label has the highest probability.

    labels : ints, shape (items,), places in `classes`
    """
    logits = np.random.default_rng(seed).normal(size=(len(labels), len(classes)))
    logits[np.arange(len(labels)), labels] += skill
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    names = np.array(classes)
    table = pd.DataFrame(probabilities, columns=classes)
    table.insert(0, "id", [f"item{number:03}" for number in range(len(labels))])
    table.insert(1, "label", names[labels])
    table.insert(2, "predicted", names[probabilities.argmax(axis=1)])
    return table


def answers(right, *, first="a", second="b"):
    """A two-class model's table from what it gets right; labels alternate."""
    classes = np.array([first, second])
    labels = np.arange(len(right)) % 2
    named = np.where(right, labels, 1 - labels)
    table = pd.DataFrame(np.eye(2)[named] * 0.8 + 0.1, columns=classes)
    table.insert(0, "id", [f"item{number:03}" for number in range(len(right))])
    table.insert(1, "label", classes[labels])
    table.insert(2, "predicted", classes[named])
    return table


def each_its_own(table):
    """Groups of one item each."""
    return pd.Series(table["id"].to_numpy(), index=table["id"])
