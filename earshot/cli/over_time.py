"""What `earshot predict` says of recordings over time: a row a window or an event, and tables for other programs."""

import io
import itertools
import logging
import math
import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tqdm import tqdm

from earshot.cli.rows import WRITERS, Row
from earshot.config.inputs import SoundsInput
from earshot.core.errors import EarshotError
from earshot.core.text import printable
from earshot.detection.answers import Answer
from earshot.detection.events import read_thresholds, thresholds_of
from earshot.detection.folder import edited, refuse_edited, table_names, write_table
from earshot.detection.kept_scores import keep, kept_file, model_hash, read_foot, read_kept
from earshot.detection.tables import write_audacity, write_raven
from earshot.detection.windows import Grid, Scores, UntilDamage, features_of, grid_of, scores_of
from earshot.models.card import ModelCard
from earshot.reading.sound_blocks import header_duration_s

if TYPE_CHECKING:
    from earshot.models.normalization import Normalized

# The programs whose tables are written, and what their users call such a table behind the recording's name.
PROGRAMS = {"raven": ".Table.1.selections.txt", "audacity": ".txt"}
ALL = "predictions"  # how a table of all recordings is called
LONG_WINDOWS, LONG_S = 20, 60.0  # a recording beyond both is answered over time unless told otherwise

Listen = Callable[[str], Iterator[Scores]]  # to a recording

log = logging.getLogger(__name__)


def add_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group(
        "over time",
        "Of recordings: what the model says of each window, as long as what it hears at once. --threshold, --merge-gap "
        "and the formats raven and audacity ask for events: windows of one class, joined.",
    )
    group.add_argument(
        "--per-clip",
        action=BooleanOptionalAction,
        help="a row a window, the default where a recording is much longer than one; or a row a file",
    )
    group.add_argument(
        "--hop", metavar="S", type=float, help="seconds from one window's start to the next one's"
    )
    group.add_argument(
        "--threshold",
        metavar="[CLASS=]P",
        action="append",
        help="a window counts for a class of this probability or more, 0.5 unless given; dog=0.9 is for one class",
    )
    group.add_argument(
        "--merge-gap",
        metavar="S",
        type=float,
        help="join windows of one class with at most so many seconds between them; those that touch unless given",
    )
    group.add_argument("--top", metavar="K", type=int, help="of each window only the K likeliest classes")
    group.add_argument(
        "--out",
        metavar="FOLDER",
        type=Path,
        help="write tables here, and keep the scores: a recording that is through is not scored again",
    )
    group.add_argument(
        "--tables",
        choices=["each", "all"],
        help="with --out: one for each recording, the default of raven and audacity, or one of all",
    )


def is_asked(arguments: Namespace, card: ModelCard, files: Sequence[str]) -> bool:
    """Whether the answer is to be over time: where that is asked for, or a recording is much longer than a window."""
    options = ("hop", "threshold", "merge_gap", "top", "out", "tables")
    given = [f"--{name.replace('_', '-')}" for name in options if getattr(arguments, name) is not None]
    given += [f"--format {arguments.format}"] if arguments.format in PROGRAMS else []
    if arguments.per_clip is False and given:
        raise EarshotError(
            f"{given[0]} is for predictions over time, which --no-per-clip turns off: give one of them"
        )
    if arguments.per_clip is not None or given:
        return arguments.per_clip is not False
    if not isinstance(card.input, SoundsInput):
        return False
    hears_s = grid_of(card).length_s
    least_s = max(LONG_S, LONG_WINDOWS * hears_s)
    for file in files:
        if (lasts_s := header_duration_s(file, name=file)) > least_s:
            log.info(
                "%s lasts %.0f s, and the model hears %.3g s at once: a row a window; --no-per-clip gives a row a file",
                *(file, lasts_s, hears_s),
            )
            return True
    return False


def predict(
    arguments: Namespace,
    models: Sequence["Normalized"],
    card: ModelCard,
    *,
    runs: Sequence[int],
    temperature: float,
    files: Sequence[str],
) -> None:
    """Write the rows or the tables that the arguments ask for, and log a summary.

    runs : the numbers of the models
    temperature : what their averages are calibrated by
    """
    answer = _answer(arguments, card)
    summary = _Summary(answer)

    def listen(file: str) -> Iterator[Scores]:
        return scores_of(models, card, file, grid=answer.grid, temperature=temperature)

    if arguments.out is not None:
        model = model_hash(arguments.model, runs, answer.grid)
        bad = _write_tables(arguments, answer, summary, card=card, model=model, files=files, listen=listen)
    elif arguments.format in PROGRAMS or arguments.tables is not None:
        asked = f"--tables {arguments.tables}" if arguments.tables else f"--format {arguments.format}"
        raise EarshotError(f"{asked} is for tables in a folder: name it, --out FOLDER")
    else:
        bad = _write_rows(arguments.format, answer, summary, files=files, listen=listen)
    summary.log()
    if bad:
        raise EarshotError(f"{bad} of {len(files)} files could not be read to their end: see above")


def _answer(arguments: Namespace, card: ModelCard) -> Answer:
    grid = grid_of(card, hop_s=arguments.hop)
    classes, top, gap_s = card.classes, arguments.top, arguments.merge_gap
    if top is not None and not 1 <= top <= len(classes):
        raise EarshotError(f"--top {top}: expected 1 to {len(classes)}, as many classes as the model has")
    if gap_s is not None and not 0 <= gap_s < math.inf:
        raise EarshotError(f"--merge-gap {gap_s:g}: expected seconds, 0 or more")
    common, own = read_thresholds(arguments.threshold or [])
    return Answer(
        classes,
        grid,
        events=arguments.threshold is not None or gap_s is not None or arguments.format in PROGRAMS,
        thresholds=thresholds_of(classes, common=common, own=own, reject=card.reject),
        merge_gap=round((gap_s or 0) * grid.sample_rate),
        top=top,
    )


def _write_rows(
    form: str, answer: Answer, summary: "_Summary", *, files: Sequence[str], listen: Listen
) -> int:
    """Write the rows of all recordings to standard output; returns how many recordings could not be read."""

    def rows(bar: "tqdm[Any]") -> Iterator[Row]:
        for file in files:
            heard = UntilDamage(listen(file))
            scores = summary.counted(_on_bar(heard, answer.grid, bar))
            yield from (row | {"problem": None} for row in summary.noted(answer.rows(file, scores)))
            if heard.problem is not None:
                nothing = dict.fromkeys(answer.columns)
                problem = printable(str(heard.problem), keep="\n")
                yield nothing | {"path": printable(file), "problem": problem}

    shown = not sys.stdout.isatty()  # where rows are seen as they come, a bar would stand among them
    with _bar(files, shown=shown) as bar:
        return WRITERS[form](rows(bar), [*answer.columns, "problem"], sys.stdout)


def _write_tables(
    arguments: Namespace,
    answer: Answer,
    summary: "_Summary",
    *,
    card: ModelCard,
    model: str,
    files: Sequence[str],
    listen: Listen,
) -> int:
    """Write tables into the folder; returns how many recordings could not be read to their end.

    model : as `model_hash` gives it
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
        kept = read_kept(scored[file], grid=answer.grid, classes=len(answer.classes))
        return summary.noted(answer.rows(file, summary.counted(kept)))

    def lasts_s(file: str) -> float:
        return header_duration_s(file, name=file) or read_foot(scored[file]).end / answer.grid.sample_rate

    def write(recordings: Iterable[str], table: BinaryIO) -> None:
        if form == "raven":
            heard = ((lasts_s(file), rows(file)) for file in recordings)
            write_raven(table, heard, features=features_of(card))
        elif form == "audacity":
            write_audacity(table, (row for file in recordings for row in rows(file)))
        else:
            text = io.TextIOWrapper(table, encoding="utf-8", newline="")
            WRITERS[form]((row for file in recordings for row in rows(file)), answer.columns, text)
            text.detach()  # leaves the table open

    bad, edited_since = 0, []
    with _bar(files) as bar:
        for file in files:
            try:
                kept = kept_file(out, file, model=model)
                scores = None if kept.exists() else _begun(listen(file))
            except EarshotError as error:
                bad += 1
                log.warning("%s", error)
                continue
            if scores is None:
                summary.kept += 1
                bar.update(int(header_duration_s(file, name=file)))
            else:
                keep(kept, _on_bar(scores, answer.grid, bar))
            scored[file] = kept
            if problem := read_foot(kept).problem:
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


def _bar(files: Sequence[str], *, shown: bool = True) -> "tqdm[Any]":
    """A progress bar that counts seconds of sound."""
    total = sum(header_duration_s(file, name=file) for file in files)
    return tqdm(total=round(total) or None, desc="predict", unit="s", disable=None if shown else True)


def _on_bar(scores: Iterable[Scores], grid: Grid, bar: "tqdm[Any]") -> Iterator[Scores]:
    """The scores of one recording, shown as they pass."""
    shown_s = 0
    for batch in scores:
        yield batch
        heard_s = int(batch.ends[-1]) // grid.sample_rate
        bar.update(heard_s - shown_s)
        shown_s = heard_s


@dataclass
class _Summary:
    """What was heard in all recordings.

    kept : recordings whose scores were there already
    labels : how many rows each class has
    """

    answer: Answer
    recordings: int = 0
    kept: int = 0
    windows: int = 0
    samples: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    def counted(self, scores: Iterable[Scores]) -> Iterator[Scores]:
        """The scores of one recording, counted as they pass."""
        end = 0
        for batch in scores:
            self.windows += len(batch.starts)
            end = int(batch.ends[-1])
            yield batch
        self.recordings, self.samples = self.recordings + (end > 0), self.samples + end

    def noted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, counted by their classes as they pass."""
        for row in rows:
            self.labels[row["label"]] += 1
            yield row

    def log(self) -> None:
        grid = self.answer.grid
        log.info(
            "%d recording(s), %.2f hours: %d windows of %.4g s, one each %.4g s%s",
            *(
                self.recordings,
                self.samples / grid.sample_rate / 3600,
                self.windows,
                grid.length_s,
                grid.hop_s,
            ),
            f"; {self.kept} had their scores already" if self.kept else "",
        )
        found = ", ".join(
            f"{label} {self.labels[label]}" for label in self.answer.classes if self.labels[label]
        )
        log.info("%s: %s", "events" if self.answer.events else "rows", found or "none")
