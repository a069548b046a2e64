"""Files of answers: what a page saves when a person has heard its items, and whether it can be scored.

Conventions: `tested` holds of each subset its test items, rows of data/balanced.csv. `settings` is what the sounds hang
on, the content of data/features/sound/settings.json.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import pandas as pd
from pydantic import Field, ValidationError

from earshot.config.base import Block, Count, Natural, NotNegative
from earshot.config.load import problem
from earshot.core import paths
from earshot.core.errors import EarshotError, first_line
from earshot.core.io import read_json
from earshot.core.text import in_markdown
from earshot.evaluation.predictions import Key
from earshot.evaluation.warnings import StudyWarning

FORMAT = 1
CODE = r"^[A-Za-z0-9_-]{0,20}$"  # of a listener, as far as a person wants one
CONTENT = ["id", "label", "hash", "start_s", "end_s"]  # of an item, as far as data/balanced.csv has it
MOST_BYTES = 10_000_000
Text = Annotated[str, Field(max_length=1000)]
Tested = Mapping[int, pd.DataFrame]


class Answer(Block):
    """One item: the class that was named, how long after the sound began, and how often it was played."""

    id: Text
    answer: Text
    seconds: NotNegative
    plays: Count


class Training(Block):
    """How many items the training round had, and how many of them were named rightly at once."""

    items: Natural
    right: Natural


class Listened(Block):
    """The file: whose page it is, and its answers in the order in which they were given."""

    format: Literal[1]
    page: str
    subset: Count
    items: Count
    shortened: Natural
    listener: Annotated[str, Field(pattern=CODE)]
    seed: Natural
    training: Training
    answers: list[Answer]


class Heard(NamedTuple):
    """What people have answered.

    tables : of each subset `run,id,label,predicted,seconds`, a run a listener, and `shortened`, how many of the items
        they heard less of than the models did
    left_out : a warning for each file that is not counted
    """

    tables: dict[int, pd.DataFrame]
    left_out: list[StudyWarning]


def page_id(items: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """What a page and the answers to it are known by: its test items, their content and labels, and the settings.

    items : those of the test, rows of data/balanced.csv
    """
    columns = [column for column in CONTENT if column in items]
    rows = items.sort_values("id")[columns].astype(object).where(items[columns].notna(), None)
    text = json.dumps([settings, rows.to_numpy().tolist()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def code_of(page: str, name: str) -> str:
    """What an item is called on a page: its id often has its class in it, as in `7/0007`."""
    return hashlib.sha256(json.dumps([page, name]).encode()).hexdigest()[:16]


def read(path: Path, *, tested: Tested) -> Listened:
    """A file of answers, with the ids of the test items in place of their codes. Raises EarshotError as `parse`."""
    listened = parse(path)
    items = tested.get(listened.subset)
    if items is None:
        return listened
    ids = {code_of(listened.page, name): name for name in items["id"]}
    own = [answer.model_copy(update={"id": ids.get(answer.id, answer.id)}) for answer in listened.answers]
    return listened.model_copy(update={"answers": own})


def parse(path: Path) -> Listened:
    """A file of answers as it was saved. Raises EarshotError for what is none."""
    wanted = "expected a file that a page of `earshot listen` saved"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise EarshotError(f"{path}: {path.stat().st_size / 1e6:.0f} MB; {wanted}")
        return Listened.model_validate_json(path.read_bytes())
    except OSError as error:
        raise EarshotError(f"{path} cannot be read ({first_line(error)}); {wanted}") from None
    except ValidationError as error:
        faults = [problem(fault, Listened) for fault in error.errors()]
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise EarshotError(f"{path}: {faults[0]}{more}; {wanted}") from None


def check(listened: Listened, path: Path, *, tested: Tested, settings: Mapping[str, Any]) -> None:
    """Raise EarshotError that says why answers cannot be scored with this study."""
    if faults := list(_faults(listened, tested, settings)):
        more = f"; and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise EarshotError(f"{path}: {faults[0]}{more}")


def of_study(items: pd.DataFrame, predictions: Mapping[Key, pd.DataFrame]) -> Heard:
    """The answers in the study's folder of listeners to test items of its models on the sound.

    items : data/balanced.csv
    predictions : by model
    """
    files = sorted(paths.LISTENERS.glob("*.json"))
    tested = {
        subset: items[items["id"].isin(table["id"])]
        for (subset, view, _), table in predictions.items()
        if view == "sound" and files
    }
    return gather(files, tested=tested, settings=sound_settings() if tested else {})


def sound_settings() -> dict[str, Any]:
    """What the sounds of the study hang on."""
    settings: dict[str, Any] = read_json(paths.features("sound") / "settings.json")
    return settings


def gather(files: Iterable[Path], *, tested: Tested, settings: Mapping[str, Any]) -> Heard:
    """The answers of all files that can be scored; of a subset, those to the page of its first file."""
    together, left_out = usable(files, tested=tested, settings=settings)
    tables = {subset: _table(together[subset], tested[subset]) for subset in sorted(together)}
    doubts = [StudyWarning("listeners", None, "", "", f"{error}.") for error in left_out]
    return Heard(tables, doubts)


def usable(
    files: Iterable[Path], *, tested: Tested, settings: Mapping[str, Any]
) -> tuple[dict[int, list[Listened]], list[EarshotError]]:
    """Of each subset what can be scored together, and why the others cannot."""
    together: dict[int, list[Listened]] = {}
    left_out = []
    for path in files:
        try:
            listened = read(path, tested=tested)
            check(listened, path, tested=tested, settings=settings)
            check_same_page(listened, path, together.get(listened.subset, []))
        except EarshotError as error:
            left_out.append(error)
            continue
        together.setdefault(listened.subset, []).append(listened)
    return together, left_out


def check_same_page(listened: Listened, path: Path, others: Sequence[Listened]) -> None:
    """Raise EarshotError where others have answered another page of the same subset."""
    if others and others[0].page != listened.page:
        raise EarshotError(
            f"{path}: of a page with {listened.items} items, and those that are there are of another one with "
            f"{others[0].items}: listeners are compared on the same items, so give all of them one page"
        )


def check_new(listened: Listened, path: Path, others: Iterable[Listened]) -> None:
    """Raise EarshotError where the same answers, or others of the same person, are there already."""
    for other in others:
        if other.answers == listened.answers:
            raise EarshotError(f"{path}: these answers are there already, as {file_name(other)}")
        if listened.listener and other.listener == listened.listener:
            raise EarshotError(
                f"{path}: the listener {listened.listener} has answered this page already, in {file_name(other)}, and "
                "who has heard the items counts once: remove one of the two files"
            )


def file_name(listened: Listened) -> str:
    """What a file is called in the folder of listeners: by its subset, the code and its content."""
    digest = hashlib.sha256(listened.model_dump_json().encode()).hexdigest()[:8]
    return "-".join(filter(None, (str(listened.subset), listened.listener, digest))) + ".json"


def _faults(listened: Listened, tested: Tested, settings: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a file, the most telling first."""
    if not tested:
        yield "the study has no models on the sound to set a person beside"
        return
    if listened.subset not in tested:
        known = ", ".join(map(str, tested))
        yield f"of subset {listened.subset}, and the study's subsets are {known}: it is of another study"
        return
    items = tested[listened.subset]
    counts = Counter(answer.id for answer in listened.answers)
    for name, count in counts.items():
        if count > 1:
            yield f"{in_markdown(name)} is answered {count} times; each item is heard once"
    unknown = [name for name in counts if name not in set(items["id"])]
    if unknown:
        yield (
            f"{in_markdown(unknown[0])} is no test item of subset {listened.subset}"
            + (f", nor are {len(unknown) - 1} more" if len(unknown) > 1 else "")
            + ": the file is of another study, or the study has been split anew since"
        )
    classes = set(items["label"])
    for answer in listened.answers:
        if answer.answer not in classes:
            yield (
                f"{in_markdown(answer.id)} is answered with {in_markdown(answer.answer)}, which is none of "
                f"{', '.join(sorted(classes))}"
            )
    if len(listened.answers) != listened.items:
        yield f"{len(listened.answers)} of the page's {listened.items} items are answered; all of them are wanted"
    own = items[items["id"].isin(counts)]
    if not unknown and len(counts) == listened.items and page_id(own, settings) != listened.page:
        yield (
            "the page is of another study, or its sounds, items or labels have changed since: make a page anew with "
            "`earshot listen`"
        )


def _table(listeners: Sequence[Listened], items: pd.DataFrame) -> pd.DataFrame:
    labels = items.set_index("id")["label"]
    rows = [
        (run, answer.id, labels[answer.id], answer.answer, answer.seconds, listened.shortened)
        for run, listened in enumerate(listeners, 1)
        for answer in listened.answers
    ]
    table = pd.DataFrame(rows, columns=["run", "id", "label", "predicted", "seconds", "shortened"])
    return table.sort_values(["run", "id"], ignore_index=True)
