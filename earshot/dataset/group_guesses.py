"""What the names of files suggest as groups: who speaks, which recording a clip was cut from.

Conventions. A name is cut into fields at `_`, `-`, `.`, spaces and between letters and digits, `7_jackson_3.wav` into
7, jackson, 3; the folders that it lies in are fields too. Fields count where all names have the same ones. A field of
which each class has one value tells the class and nothing else; one with the same value in all names, or with another
one in each, groups nothing. Of the others the last number in the name counts, and the rest are sources: in
`7_jackson_3` the source jackson gave take 3. A number with nothing beside it may be either, the 12th picture of a cat
or the picture of the 12th drawer: it is a candidate, and not a likely one.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

import pandas as pd

from earshot.core.ordering import natural_key
from earshot.dataset.parts import NAMES

LEAST_GROUPS = 4  # fewer are rather conditions, left and right, than sources
LEAST_OF_A_CLASS = 3  # groups: one for each part
LEAST_SHARED = 0.2  # of the items that share their group with another; below it names are alike by chance
DATE, NUMBER, WORD, FINE_WORD = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]+", "[^/ _.-]+", "[^/0-9 _.-]+"
FINE, COARSE = rf"({DATE}|{NUMBER}|{FINE_WORD})", rf"({WORD})"  # COARSE leaves 004ae714 in one piece
# How well-known data sets name their files, where fields do not say which one is the source.
KNOWN = {
    r"/[1-5]-([0-9]+)-[A-Z]-[0-9]+\.[^./]+$": "the recording that a clip of ESC-50 was cut from",
    r"/([0-9]+)-[0-9]-[0-9]+-[0-9]+\.[^./]+$": "the recording that a slice of UrbanSound8K was cut from",
    r"/0[1-3]-0[12]-0[1-8]-0[12]-0[12]-0[12]-([0-9]{2})\.[^./]+$": "the actor of RAVDESS",
}
# Of names that do not have the same fields.
RAGGED = {
    r"/([^/]*?)[ _.-]*[0-9]+\.[^./]+$": "names that are the same but for the number at their end",
    r"/([^/ _.-]+)[ _.-][^/]*$": "names that begin with the same word",
}
REASONS = {DATE: "the date in the name", NUMBER: "the number in the name, before another one that counts"}
COUNTER = "a number that may only count the files; set it if it stands for a person, a place or a recording"


class GroupGuess(NamedTuple):
    """One expression that could be `dataset.group`, and what it would come to."""

    pattern: str
    reason: str  # what its groups seem to be
    groups: int
    shared: int  # the items that share their group with another
    largest: int  # items of the largest group
    fewest: int  # groups of the class that has fewest
    examples: tuple[str, ...]  # names of groups
    is_likely: bool


class _Field(NamedTuple):
    """A place in all paths, and what stands there in each."""

    values: list[str]
    patterns: list[str]  # that capture the value: the shortest first, the last one in any case
    reason: str
    is_number: bool = False
    in_name: bool = True


def guess_groups(paths: Sequence[str], labels: Sequence[str]) -> list[GroupGuess]:
    """Every group that the names suggest, the likeliest first.

    paths : as data/index.csv has them, `recordings/7/7_jackson_3.wav`; the segments of one file count once
    labels : the class of each
    """
    files = pd.DataFrame({"path": list(paths), "label": list(labels)}).drop_duplicates("path")
    names = list(files["path"])
    for pattern, reason in KNOWN.items():
        if (guess := _guess(pattern, reason, files, least_shared=0)) is not None:
            return [guess]
    in_names = _name_fields(names)
    counted = any(field.is_number and len(set(field.values)) == len(names) for field in in_names)
    fields = [field for field in _folder_fields(names) + in_names if _groups(field.values, files["label"])]
    numbers = [field for field in fields if field.is_number and field.in_name]
    counter = numbers[-1] if numbers and not counted else None
    sources = sorted((field for field in fields if field is not counter), key=lambda field: field.is_number)

    guesses = [_guess(_shortest(field, names), field.reason, files) for field in sources]
    if not in_names:
        guesses += [_guess(pattern, reason, files) for pattern, reason in RAGGED.items()]
    if counter is not None:
        guesses.append(_guess(_shortest(counter, names), COUNTER, files, may_be_likely=False))
    different: dict[tuple[str, ...], GroupGuess] = {}
    for guess in guesses:
        if guess is not None:
            different.setdefault(tuple(_captured(guess.pattern, names) or ()), guess)
    return sorted(different.values(), key=lambda guess: not guess.is_likely)


def _name_fields(paths: Sequence[str]) -> list[_Field]:
    """The fields of the files' names; none where the names do not have the same ones."""
    stems = [PurePosixPath(path).stem for path in paths]
    for cut in (FINE, COARSE):
        pieces = [re.split(cut, stem) for stem in stems]  # separator, value, separator, …, separator
        shapes = {(*row[::2], *(map(_counts, row[1::2]) if cut == FINE else ())) for row in pieces}
        if len(shapes) == 1:
            return _fields_of(pieces)
    return []


def _fields_of(pieces: Sequence[Sequence[str]]) -> list[_Field]:
    """pieces : of each name separators and values in turn, with the same separators and kinds in all"""
    marks = [mark.replace(".", r"\.") for mark in pieces[0][::2]]
    columns = list(zip(*(row[1::2] for row in pieces), strict=True))
    expressions = [_kind(*set(values)) for values in columns]
    fields = []
    for place, values in enumerate(columns):
        before = "".join(mark + value for mark, value in zip(marks, expressions[:place], strict=False))
        left = marks[place] or "/" * (place == 0)
        right = marks[place + 1] or r"\." * (place == len(columns) - 1)
        value = f"({expressions[place]})"
        patterns = [left + value + right] if left and right else []
        patterns.append(f"/{before}{marks[place]}{value}{right}[^/]*$")
        reason = REASONS.get(expressions[place], "the word in the name")
        fields.append(_Field(list(values), patterns, reason, is_number=expressions[place] == NUMBER))
    return fields


def _counts(value: str) -> bool:
    return value[0].isdecimal()  # a number or a date


def _kind(*values: str) -> str:
    """The narrowest of a few expressions that matches each of the values whole."""
    kinds = (DATE, NUMBER, "[a-z]+", "[A-Za-z]+", FINE_WORD)
    return next((kind for kind in kinds if all(re.fullmatch(kind, value) for value in values)), WORD)


def _folder_fields(paths: Sequence[str]) -> list[_Field]:
    """The folders that the files lie in, where all lie equally deep."""
    folders = [PurePosixPath(path).parts[:-1] for path in paths]
    if len({len(parts) for parts in folders}) > 1:
        return []
    columns = list(zip(*folders, strict=True))
    return [
        _Field(list(values), [f"/([^/]+)/{'[^/]+/' * above}[^/]+$"], "the folder", in_name=False)
        for above, values in enumerate(reversed(columns))
        if not all(
            name.casefold() in NAMES or re.fullmatch(r"(?i)fold[ _-]?[0-9]+|.*\.tar", name) for name in values
        )
    ]


def _groups(values: Sequence[str], labels: "pd.Series[str]") -> bool:
    """Whether values group items: several values, some of them of several items, and not one for each class."""
    tells_the_class = pd.Series(list(values)).groupby(labels.to_numpy()).nunique().max() == 1
    return 1 < len(set(values)) < len(values) and not tells_the_class


def _shortest(field: _Field, paths: Sequence[str]) -> str:
    """The first of the field's expressions that captures its value in each path."""
    *short, sure = field.patterns
    return next((pattern for pattern in short if _captured(pattern, paths) == field.values), sure)


def _captured(pattern: str, paths: Sequence[str]) -> list[str] | None:
    """What an expression captures in each path; None where it finds nothing in one."""
    captured = []
    for path in paths:
        match = re.search(pattern, path)
        if not match or not match[1]:
            return None
        captured.append(match[1])
    return captured


def _guess(
    pattern: str,
    reason: str,
    files: pd.DataFrame,
    *,
    least_shared: float = LEAST_SHARED,
    may_be_likely: bool = True,
) -> GroupGuess | None:
    """What an expression comes to; None where it makes no groups."""
    values = _captured(pattern, list(files["path"]))
    if values is None or not _groups(values, files["label"]):
        return None
    groups = pd.Series(values)
    sizes = groups.value_counts()
    shared = int(sizes[sizes > 1].sum())
    fewest = int(groups.groupby(files["label"].to_numpy()).nunique().min())
    is_likely = len(sizes) >= LEAST_GROUPS and fewest >= LEAST_OF_A_CLASS
    is_likely = may_be_likely and is_likely and shared >= least_shared * len(files)
    examples = tuple(sorted(set(values), key=natural_key)[:5])
    return GroupGuess(pattern, reason, len(sizes), shared, int(sizes.max()), fewest, examples, is_likely)
