"""Compare two versions of the study: metrics, params, charts, and which models are better or worse for sure."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pandas as pd
from natsort import natsorted

from earshot.config.load import load
from earshot.core import paths
from earshot.core.errors import EarshotError, first_line
from earshot.core.io import records, write_bytes
from earshot.core.text import in_markdown, printable
from earshot.evaluation import changes
from earshot.evaluation.answers import parse_answers
from earshot.evaluation.predictions import Key
from earshot.models.validate import validate
from earshot.plots import change_charts, charts
from earshot.store.lock import dvc, stages_to_run
from earshot.store.revisions import Revision, open_revision, todays_remotes

MOST = 5  # stages named
DIGITS = 5  # behind the point, of metrics and settings
CHARTS = "diff"  # the folder beside the Markdown file


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("base", metavar="BASE", help="what to compare with: a branch, a tag or a commit")
    parser.add_argument("head", metavar="HEAD", nargs="?", help="likewise; the workspace unless named")
    parser.add_argument(
        "--markdown", metavar="FILE", type=Path, help="write there, charts in diff/ beside it"
    )


def main(arguments: Namespace) -> None:
    """Print what changed as Markdown, or write it with the charts that changed."""
    target = arguments.markdown
    if target and target.is_dir():
        raise EarshotError(f"--markdown {target} is a folder; name a file, {target / 'diff.md'} for one")
    base, head = open_revision(arguments.base), open_revision(arguments.head)
    for side in (base, head):
        if not side.has_metrics():
            raise EarshotError(
                f"{side.name} has no metrics, so there is nothing to compare: `make repro` there and commit "
                f"dvc.lock and {paths.METRICS}/, or name a commit of `git log --oneline -- {paths.METRICS}`"
            )
    lines = [f"# {head.name} against {base.name}", "", *stale(head), *other_data(base, head)]
    lines += ["## Metrics", "", *dvc_table("metrics", base, head), ""]
    lines += ["## Params", "", *dvc_table("params", base, head), ""]
    lines += ["## Models", "", *models(base, head)]
    if target:
        lines += ["", "## Charts", "", *draw_charts(base, head, folder=target.parent / CHARTS)]
    text = "\n".join(lines) + "\n"
    if target:
        write_bytes(target, text.encode())
    else:
        print(text, end="")


def stale(head: Revision) -> list[str]:
    """What to know of a workspace whose results are older than its code."""
    try:
        names = [] if head.commit else stages_to_run()
    except EarshotError:
        validate(
            load()
        )  # names the setting: DVC says of `models: cnn` no more than that it cannot be iterated
        raise
    if not names:
        return []
    some = ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")
    return [f"**The workspace is not reproduced**: {some} would run. `make repro` first.", ""]


def other_data(base: Revision, head: Revision) -> list[str]:
    """That two revisions have no class in common, so that their numbers say nothing of each other."""
    classes = []
    for side in (base, head):
        files = {key: content for key, content in side.answers().items() if key[1] != "shuffled"}
        largest = max(files, default=None)
        classes.append(set(_parsed(side, largest, files[largest])["label"]) if largest else set())
    if not all(classes) or classes[0] & classes[1]:
        return []
    return [
        f"**The data sets differ**: {base.name} and {head.name} have no class in common, so the metrics below do not "
        "compare. Commit this study, and later ones compare with it.",
        "",
    ]


def dvc_table(kind: str, base: Revision, head: Revision) -> list[str]:
    """What `dvc metrics diff` or `dvc params diff` finds, a table in lines of Markdown."""
    done = _dvc_diff(kind, "--json", base, head)
    print(printable(done.stderr, keep="\n"), end="", file=sys.stderr)  # what DVC could not load
    changes = json.loads(done.stdout or "{}")
    keys = [(path, key) for path in natsorted(changes) for key in natsorted(changes[path])]
    if not keys:
        return [f"No {kind} differ."]
    heading = [
        "Path",
        kind.removesuffix("s").capitalize(),
        in_markdown(base.name),
        in_markdown(head.name),
        "Change",
    ]
    rows = [
        [path, key, *(_cell(changes[path][key].get(column)) for column in ("old", "new", "diff"))]
        for path, key in keys
    ]
    lines = [
        heading,
        ["-" * len(name) for name in heading],
        *([in_markdown(cell) for cell in row] for row in rows),
    ]
    columns = slice(None) if kind == "metrics" else slice(4)
    return [f"| {' | '.join(cells[columns])} |" for cells in lines]


def _cell(value: Any) -> str:
    """A value of a metric or a setting as the table has it."""
    if value is None:
        return "-"
    return str(round(value, DIGITS)) if isinstance(value, float) else str(value)


def models(base: Revision, head: Revision) -> list[str]:
    """What the answers tell, lines of Markdown."""
    before, after = base.answers(), head.answers()
    for side, files in ((base, before), (head, after)):
        if not files:
            return [
                f"Not compared: {side.name} has no answers in {paths.ANSWERS}/, where the stage evaluate leaves them. "
                "`make repro` there and commit them."
            ]
    both = sorted(before.keys() & after.keys())
    changed = [key for key in both if before[key] != after[key]]
    versions = {key: (_parsed(base, key, before[key]), _parsed(head, key, after[key])) for key in changed}
    reasons = {key: changes.incomparable(*tables) for key, tables in versions.items()}
    compared = {key: tables for key, tables in versions.items() if not reasons[key]}

    lines: list[str] = []
    if compared:
        table = changes.changes(compared)
        lines += [
            f"Accuracy of {head.name} less that of {base.name} on the items that both tested, with its paired 95 % "
            "interval over groups and runs. p is of that interval, of single runs McNemar's where that is larger, "
            "corrected by Holm over the models listed here, shuffled labels apart.",
            "",
            *(f"- {changes.sentence(row)}" for row in records(table)),
            "",
        ]
    lists = {
        "Not comparable": [f"{changes.name(*key)}: {reason}" for key, reason in reasons.items() if reason],
        "The same answers": _names(key for key in both if key not in changed),
        f"Only in {base.name}": _names(before.keys() - after.keys()),
        f"Only in {head.name}": _names(after.keys() - before.keys()),
    }
    for heading, names in lists.items():
        lines += [f"{heading}: {'; '.join(names)}.", ""] if names else []
    return lines[:-1]


def draw_charts(base: Revision, head: Revision, *, folder: Path) -> list[str]:
    """Draw the charts of dvc.yaml whose data differ; lines of Markdown that show them."""
    with todays_remotes() as environment:
        answer = json.loads(_dvc_diff("plots", "--json", base, head, environment=environment).stdout)
    changed = change_charts.changed(answer.get("data", {}))
    lines = []
    for name, chart in changed.items():
        write_bytes(folder / f"{name}.png", charts.png(chart))
        lines += [f"![{name}]({folder.name}/{name}.png)", ""]
    if not changed:
        lines += ["No chart that both have differs.", ""]
    if missing := change_charts.missing(answer.get("errors", [])):
        lines += [f"Not drawn whole, because files are missing: {', '.join(missing)}.", ""]
    return lines[:-1]


def _dvc_diff(
    kind: str, form: str, base: Revision, head: Revision, *, environment: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """What `dvc metrics diff`, `dvc params diff` or `dvc plots diff` prints."""
    revisions = [base.name, *([head.name] if head.commit else [])]
    done = dvc(kind, "diff", form, "--", *revisions, environment=environment)
    if done.returncode:
        raise EarshotError(
            f"`dvc {kind} diff` cannot compare {base.name} and {head.name}: {done.stderr.strip()}"
        )
    return done


def _parsed(side: Revision, key: Key, content: bytes) -> pd.DataFrame:
    try:
        return parse_answers(content)
    except (EarshotError, ValueError) as error:
        raise EarshotError(f"{side.name}: {paths.answers(*key)}: {first_line(error)}") from None


def _names(keys: Iterable[Key]) -> list[str]:
    return [changes.name(*key) for key in sorted(keys)]
