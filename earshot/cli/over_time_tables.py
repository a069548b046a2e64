"""Tables of what is heard in recordings, in a folder that keeps their scores: `earshot predict --out`."""

import io
import itertools
import logging
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from earshot.cli.over_time_summary import Summary, on_bar, progress_bar
from earshot.cli.rows import WRITERS, Row
from earshot.core.errors import EarshotError
from earshot.detection.folder import edited, refuse_edited, table_names, write_table
from earshot.detection.kept_scores import keep, read_foot, read_scores, scores_file
from earshot.detection.results import Results
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
    results: Results,
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
    names = table_names(arguments.sources, files, ending=ending) if each else {}
    refuse_edited(edited(out, names.values() if each else [ALL + ending]))
    # by recording where its scores lie: those of the file as it was read, if it changes meanwhile
    scored: dict[str, Path] = {}

    def rows(file: str) -> Iterator[Row]:
        scores = read_scores(scored[file], grid=results.grid, classes=len(results.classes))
        return summary.noted(results.rows(file, summary.counted(scores)))

    def lasts_s(file: str) -> float:
        return header_duration_s(file, name=file) or read_foot(scored[file]).end / results.grid.sample_rate

    def write(recordings: Iterable[str], table: BinaryIO) -> None:
        if form == "raven":
            heard = ((lasts_s(file), rows(file)) for file in recordings)
            write_raven(table, heard, features=features_of(card))
        elif form == "audacity":
            write_audacity(table, (row for file in recordings for row in rows(file)))
        else:
            text = io.TextIOWrapper(table, encoding="utf-8", newline="")
            WRITERS[form]((row for file in recordings for row in rows(file)), results.columns, text)
            text.detach()  # leaves the table open

    bad, edited_since = 0, []
    with progress_bar(files) as bar:
        for file in files:
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
                keep(path, on_bar(scores, results.grid, bar))
            scored[file] = path
            if problem := read_foot(path).problem:
                bad += 1
                log.warning("%s What is before is in the results.", problem)
            # a table that is edited during this run stays, and the other recordings are scored all the same
            if each and (table := edited(out, [names[file]])):
                edited_since += table
            elif each:
                write_table(out, names[file], partial(write, [file]))
    refuse_edited(edited_since or ([] if each else edited(out, [ALL + ending])))
    if not each:
        write_table(out, ALL + ending, partial(write, scored))
    return bad


def _begun(scores: Iterator[Scores]) -> Iterator[Scores]:
    """The same scores, the first of them there already. Raises EarshotError for what is no sound."""
    return itertools.chain([next(scores)], scores)
