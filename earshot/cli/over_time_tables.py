"""Tables of what is heard in recordings, in a folder that keeps their scores: `earshot predict --out`."""

import io
import itertools
import logging
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from tqdm import tqdm

from earshot.cli.over_time_summary import Summary, on_bar, progress_bar
from earshot.cli.rows import WRITERS, Row
from earshot.core.errors import EarshotError
from earshot.detection.folder import edited, refuse_edited, table_names, write_table
from earshot.detection.kept_scores import keep, read_foot, read_scores, scores_file
from earshot.detection.tables import write_audacity, write_raven
from earshot.detection.windows import Scores, features_of
from earshot.models.card import ModelCard
from earshot.reading.sound_blocks import header_duration_s

# The programs whose tables are written, and what their users call such a table behind the recording's name.
PROGRAMS = {"raven": ".Table.1.selections.txt", "audacity": ".txt"}
ALL = "predictions"  # how a table of all recordings is called

log = logging.getLogger(__name__)


def write_tables(
    arguments: Namespace,
    summary: Summary,
    *,
    card: ModelCard,
    model: str,
    files: Sequence[str],
    listen: Callable[[str], Iterator[Scores]],
) -> int:
    """Write tables into the folder; returns how many recordings could not be read to their end.

    model : as `model_hash` gives it
    listen : to a recording
    """
    form, out = arguments.format, arguments.out
    each = arguments.tables == "each" or (arguments.tables is None and form in PROGRAMS)
    if form == "audacity" and not each:
        raise EarshotError("a label track of Audacity names no recording: leave --tables all away")
    ending = PROGRAMS.get(form, f".{form}")
    recordings_of: dict[str, Sequence[str]]  # by the name of a table
    if each:
        names = table_names(arguments.sources, files, ending=ending)
        recordings_of = {name: [file] for file, name in names.items()}
    else:
        recordings_of = {ALL + ending: files}
    refuse_edited(edited(out, recordings_of))
    bad, edited_since = 0, []
    with progress_bar(files) as bar:
        for name, recordings in recordings_of.items():
            scored, unread = _score(recordings, listen, out=out, model=model, summary=summary, bar=bar)
            bad += unread
            if each and not scored:  # a recording that is no sound has no table
                continue
            # a table that is edited during this run stays, and the other recordings are scored all the same
            if table := edited(out, [name]):
                edited_since += table
            else:
                write_table(out, name, partial(_write_rows, scored, form=form, summary=summary, card=card))
    refuse_edited(edited_since)
    return bad


def _score(
    recordings: Iterable[str],
    listen: Callable[[str], Iterator[Scores]],
    *,
    out: Path,
    model: str,
    summary: Summary,
    bar: "tqdm[Any]",
) -> tuple[dict[str, Path], int]:
    """Score the recordings that have no scores in the folder, and keep their scores there.

    Returns by recording where its scores lie, and how many recordings could not be read to their end. Of one that ends
    in damage there are the scores before it; one that is no sound has none. What is wrong is logged.
    """
    scored, bad = {}, 0
    for file in recordings:
        try:
            path = scores_file(out, file, model=model)
            scores = None if path.exists() else _begun(listen(file))
        except EarshotError as error:
            bad += 1
            log.warning("%s", error)
            continue
        if scores is None:
            summary.reused += 1
            bar.update(int(header_duration_s(file, name=file)))
        else:
            keep(path, on_bar(scores, summary.results.grid, bar))
        scored[file] = path
        if problem := read_foot(path).problem:
            bad += 1
            log.warning("%s What is before is in the results.", problem)
    return scored, bad


def _begun(scores: Iterator[Scores]) -> Iterator[Scores]:
    """The same scores, the first of them there already. Raises EarshotError for what is no sound."""
    return itertools.chain([next(scores)], scores)


def _write_rows(
    scored: Mapping[str, Path], table: BinaryIO, *, form: str, summary: Summary, card: ModelCard
) -> None:
    """Write the rows of some recordings as one table of this form.

    scored : by recording where its scores lie: those of the file as it was read, if it changes meanwhile
    """
    results = summary.results

    def rows(file: str) -> Iterator[Row]:
        scores = read_scores(scored[file], grid=results.grid, classes=len(results.classes))
        return summary.noted(results.rows(file, summary.counted(scores)))

    def lasts_s(file: str) -> float:
        return header_duration_s(file, name=file) or read_foot(scored[file]).end / results.grid.sample_rate

    if form == "raven":
        write_raven(table, ((lasts_s(file), rows(file)) for file in scored), features=features_of(card))
    elif form == "audacity":
        write_audacity(table, (row for file in scored for row in rows(file)))
    else:
        text = io.TextIOWrapper(table, encoding="utf-8", newline="")
        WRITERS[form]((row for file in scored for row in rows(file)), results.columns, text)
        text.detach()  # leaves the table open
