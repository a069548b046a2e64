"""Rows of a table that give an item several labels, where a study's items have one."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

# "Domestic animals, pets" is one name, "Dog,Domestic_animals" are two.
SEPARATORS = re.compile(r"[;|]|,(?! )")
LISTED = re.compile(r"\[.*\]")  # as Python and JSON write a list


def labels_in(value: str) -> list[str]:
    """The labels that a table's value names: one, or those between semicolons, bars, or commas without a space."""
    names = value[1:-1].split(",") if LISTED.fullmatch(value) else SEPARATORS.split(value)
    return [name for part in names if (name := part.strip(" '\""))]


def one_label(value: str, *, classes: Collection[str] | None) -> str | None:
    """The label of a row; None where there are several, and not one alone is a class of the study.

    classes : those that the user names, if any. Several labels of which none is among them are a label that is in no
        study, as they stand
    """
    names = labels_in(value)
    if len(names) < 2 or value in (classes or ()):
        return names[0] if len(names) == 1 and LISTED.fullmatch(value) else value
    if classes is None:
        return None
    meant = [name for name in dict.fromkeys(names) if name in classes]
    if len(meant) > 1:
        return None
    return meant[0] if meant else value


def most_specific(values: Sequence[str]) -> list[str]:
    """The labels that no other label of the rows always brings along, the most frequent first.

    values : one a row, "Dog,Domestic_animals,Animal": Dog is the only one of the three unless others stand alone
    """
    rows = [dict.fromkeys(labels_in(value)) for value in values]
    counts = Counter(name for row in rows for name in row)
    along: dict[str, set[str]] = {}  # what each label always comes with
    for row in rows:
        for name in row:
            along[name] = along[name] & row.keys() if name in along else set(row)
    general = {other for name, others in along.items() for other in others if counts[other] > counts[name]}
    return [name for name, _ in counts.most_common() if name not in general]
