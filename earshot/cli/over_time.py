"""What `earshot predict` says of recordings over time: a row a window, or a row an event."""

import logging
import math
import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from earshot.cli import options
from earshot.cli.over_time_summary import Summary, on_bar, progress_bar
from earshot.cli.over_time_tables import PROGRAMS, write_tables
from earshot.cli.rows import WRITERS, Row
from earshot.config.inputs import kind_of
from earshot.core.errors import EarshotError
from earshot.core.text import printable
from earshot.detection.events import read_thresholds, thresholds_of
from earshot.detection.kept_scores import model_hash
from earshot.detection.results import Results
from earshot.detection.windows import Scores, UntilDamage, grid_of, scores_of
from earshot.models.card import ModelCard
from earshot.reading.sound_blocks import header_duration_s

if TYPE_CHECKING:
    from earshot.models.normalization import Normalized

LONG_WINDOWS, LONG_S = 20, 60.0  # a recording beyond both is answered over time unless told otherwise

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
    given = options.given(arguments, ["hop", "threshold", "merge_gap", "top", "out", "tables"])
    given += [f"--format {arguments.format}"] if arguments.format in PROGRAMS else []
    if arguments.per_clip is False and given:
        raise EarshotError(
            f"{given[0]} is for predictions over time, which --no-per-clip turns off: give one of them"
        )
    if arguments.per_clip is not None or given:
        return arguments.per_clip is not False
    if kind_of(card.input) != "sounds":
        return False
    hears_s = grid_of(card).length_s
    least_s = max(LONG_S, LONG_WINDOWS * hears_s)
    for file in files:
        if (lasts_s := header_duration_s(file, name=file)) > least_s:
            log.info(
                "%s lasts %.0f s, and the model hears %.3g s at once: a row a window; --no-per-clip gives a row a file",
                file,
                lasts_s,
                hears_s,
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
    results = _results(arguments, card)
    summary = Summary(results)

    def listen(file: str) -> Iterator[Scores]:
        return scores_of(models, card, file, grid=results.grid, temperature=temperature)

    if arguments.out is not None:
        model = model_hash(arguments.model, runs, results.grid)
        bad = write_tables(arguments, summary, card=card, model=model, files=files, listen=listen)
    elif arguments.format in PROGRAMS or arguments.tables is not None:
        asked = f"--tables {arguments.tables}" if arguments.tables else f"--format {arguments.format}"
        raise EarshotError(f"{asked} is for tables in a folder: name it, --out FOLDER")
    else:
        bad = _write_rows(arguments.format, results, summary, files=files, listen=listen)
    summary.log()
    if bad:
        raise EarshotError(f"{bad} of {len(files)} files could not be read to their end: see above")


def _results(arguments: Namespace, card: ModelCard) -> Results:
    grid = grid_of(card, hop_s=arguments.hop)
    classes, top, gap_s = card.classes, arguments.top, arguments.merge_gap
    if top is not None and not 1 <= top <= len(classes):
        raise EarshotError(f"--top {top}: expected 1 to {len(classes)}, as many classes as the model has")
    if gap_s is not None and not 0 <= gap_s < math.inf:
        raise EarshotError(f"--merge-gap {gap_s:g}: expected seconds, 0 or more")
    common, own = read_thresholds(arguments.threshold or [])
    return Results(
        classes,
        grid,
        events=arguments.threshold is not None or gap_s is not None or arguments.format in PROGRAMS,
        thresholds=thresholds_of(classes, common=common, own=own, reject=card.reject),
        merge_gap=round((gap_s or 0) * grid.sample_rate),
        top=top,
    )


def _write_rows(
    form: str,
    results: Results,
    summary: Summary,
    *,
    files: Sequence[str],
    listen: Callable[[str], Iterator[Scores]],
) -> int:
    """Write the rows of all recordings to standard output; returns how many could not be read to their end."""

    def rows(bar: "tqdm[Any]") -> Iterator[Row]:
        for file in files:
            heard = UntilDamage(listen(file))
            scores = summary.counted(on_bar(heard, results.grid, bar))
            yield from (row | {"problem": None} for row in summary.noted(results.rows(file, scores)))
            if heard.problem is not None:
                nothing = dict.fromkeys(results.columns)
                problem = printable(str(heard.problem), keep="\n")
                yield nothing | {"path": printable(file), "problem": problem}

    has_bar = not sys.stdout.isatty()  # where rows are seen as they come, a bar would stand among them
    with progress_bar(files, wanted=has_bar) as bar:
        return WRITERS[form](rows(bar), [*results.columns, "problem"], sys.stdout)
