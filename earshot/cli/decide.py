"""What `earshot predict` answers with a model's probabilities: the likeliest class unless an option says otherwise.

Thresholds come from the validation items, `validation.csv` in the model's folder, whose probabilities are rounded:
what is compared with them is rounded as they are.
"""

import itertools
import logging
import math
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from earshot.cli import options
from earshot.cli.rows import Row
from earshot.core.errors import EarshotError
from earshot.core.text import printable
from earshot.evaluation import conformal, operating, selective
from earshot.evaluation.predictions import DECIMALS
from earshot.models.card import ModelCard

OPTIONS = ("keep", "recall", "miss_cost", "coverage")
SET = "prediction_set"
BETWEEN = " | "  # classes of a set

log = logging.getLogger(__name__)


def add_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group(
        "what is answered",
        "Of a row a file: the likeliest class, unless one of these asks for another answer. Thresholds are chosen on "
        "the validation items.",
    )
    answers = group.add_mutually_exclusive_group()
    answers.add_argument(
        "--keep",
        metavar="SHARE",
        type=float,
        help="answer none where the model is less sure than of this share of the validation items, 0.95 for one",
    )
    answers.add_argument(
        "--recall",
        metavar="SHARE",
        type=float,
        help="of two classes: answer the second from the probability on that finds this share of its items",
    )
    answers.add_argument(
        "--miss-cost",
        metavar="TIMES",
        type=float,
        help="of two classes, as frequent as among the validation items: a miss of the second is as bad as so many "
        "false alarms",
    )
    group.add_argument(
        "--coverage",
        metavar="SHARE",
        type=float,
        help=f"a column {SET} of the classes that hold the right one in this share of cases, 0.9 for one",
    )


def asked(arguments: Namespace) -> list[str]:
    """The options that are given, as they are written."""
    return options.given(arguments, OPTIONS)


def columns(arguments: Namespace) -> list[str]:
    """The columns that the options add."""
    return [SET] if arguments.coverage is not None else []


def decide(rows: Iterator[Row], arguments: Namespace, card: ModelCard) -> Iterator[Row]:
    """The rows with the answers that the arguments ask for.

    rows : of all the model's runs together, calibrated

    Raises EarshotError for what the model cannot answer, before a row is read.
    """
    if not (given := asked(arguments)):
        return rows
    _check(arguments, card)
    from earshot.models.saved import read_validation  # imports torch

    validation = read_validation(arguments.model)
    if validation.empty and arguments.miss_cost is None:
        raise EarshotError(
            f"{given[0]}: {arguments.model} was trained without validation items, which give the thresholds; set "
            "split.val above 0 and train it again"
        )
    rules: list[Callable[[Row], Row]] = []
    if arguments.coverage is not None:
        rules.append(_sets(validation, card, coverage=arguments.coverage))
    if arguments.keep is not None:
        rules.append(_keep(validation, keep=arguments.keep, classes=card.classes))
    elif len(given) > len(rules):
        rules.append(_two_classes(validation, arguments, classes=card.classes))
    nothing = dict.fromkeys(columns(arguments))
    return (nothing | row if row["predicted"] is None else _answered(row, rules) for row in rows)


def _check(arguments: Namespace, card: ModelCard) -> None:
    for name in ("keep", "recall", "coverage"):
        share = getattr(arguments, name)
        if share is not None and not 0 < share < 1:
            raise EarshotError(f"--{name} {share:g}: expected a share between 0 and 1, 0.9 for one")
    if arguments.miss_cost is not None and not 0 < arguments.miss_cost < math.inf:
        raise EarshotError(f"--miss-cost {arguments.miss_cost:g}: expected a number above 0, 10 for one")
    if arguments.run is not None and len(card.runs) > 1:
        raise EarshotError(f"{asked(arguments)[0]} is for all runs together: leave out --run {arguments.run}")
    k = len(card.classes)
    if k > 2 and (of_two := [name for name in asked(arguments) if name in ("--recall", "--miss-cost")]):
        raise EarshotError(f"{of_two[0]} is for a model of two classes; {arguments.model} has {k}")


def _answered(row: Row, rules: Sequence[Callable[[Row], Row]]) -> Row:
    for rule in rules:
        row = row | rule(row)
    return row


def _sets(validation: pd.DataFrame, card: ModelCard, *, coverage: float) -> Callable[[Row], Row]:
    log.info(conformal.words(validation, coverage=coverage, groups_named=card.groups_named))
    classes = card.classes
    threshold = conformal.promise(validation, coverage=coverage).threshold

    def with_set(row: Row) -> Row:
        inside = conformal.members([row[name] for name in classes], threshold)
        likely = sorted(itertools.compress(classes, inside), key=lambda name: -row[name])
        return {SET: BETWEEN.join(likely)}

    return with_set


def _keep(validation: pd.DataFrame, *, keep: float, classes: Sequence[str]) -> Callable[[Row], Row]:
    needed = selective.thresholds(validation, keep=keep, classes=classes)
    log.info("answers below %s are none", _spoken(needed))

    def sure_or_none(row: Row) -> Row:
        reached = round(row["probability"], DECIMALS) >= needed[row["predicted"]]
        return {} if reached else {"predicted": selective.NONE}

    return sure_or_none


def _spoken(needed: Mapping[str, float]) -> str:
    """The threshold of all classes, or of each."""
    if len(set(needed.values())) == 1:
        return f"{next(iter(needed.values())):.4g}"
    return ", ".join(f"{value:.4g} ({printable(name)})" for name, value in needed.items())


def _two_classes(
    validation: pd.DataFrame, arguments: Namespace, *, classes: Sequence[str]
) -> Callable[[Row], Row]:
    negative, positive = classes
    if arguments.recall is not None:
        threshold = operating.threshold_of_recall(validation, recall=arguments.recall, classes=classes)
    else:
        threshold = operating.threshold_of_cost(arguments.miss_cost)
    log.info("%s is answered from a probability of %.4g on", printable(positive), threshold)

    def of_two(row: Row) -> Row:
        answer = positive if round(row[positive], DECIMALS) >= threshold else negative
        return {"predicted": answer, "probability": row[answer]}

    return of_two
