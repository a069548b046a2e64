"""What was looked for in a data set, and whether it was found: a row of data/examined/checks.csv each."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import pandas as pd

Kind = Literal["shared_source", "copies", "contents", "shortcut", "labels"]
NAMED = 3  # examples in a sentence


class Check(NamedTuple):
    """One thing that was looked for.

    kind : `copies` of test items in training, a `shared_source` with items there, one of the `contents` with two
        labels, a `shortcut` by how the files were made, wrong `labels`
    found : whether it puts results in doubt
    text : what was found and what it may do to the result, or that nothing was found
    claim : what it does to a claim of the study, as the verdict says it; empty where it touches none
    mend : what the user may write or do
    """

    kind: Kind
    found: Literal["yes", "no"]
    text: str
    claim: str = ""
    mend: str = ""


def checks_table(checks: Sequence[Check]) -> pd.DataFrame:
    return pd.DataFrame(checks, columns=list(Check._fields))


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def some(names: Sequence[str]) -> str:
    """The first few names."""
    return ", ".join([*names[:NAMED], *(["…"] if len(names) > NAMED else [])])
