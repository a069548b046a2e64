"""Compare two versions of the study: metrics, params, charts, and which models are better or worse for sure."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pandas as pd
from natsort import natsorted

from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import parse_table, records, write_bytes
from earshot.evaluation import changes
from earshot.evaluation.predictions import Key, checked
from earshot.plots import change_charts, charts
from earshot.store.lock import dvc, stages_to_run
from earshot.store.revisions import Missing, Revision, open_revision, todays_remotes

MOST = 5  # stages named
CHARTS = "diff"  # the folder beside the Markdown file
Versions = dict[Key, tuple[pd.DataFrame, pd.DataFrame]]


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
    lines = [f"# {head.name} against {base.name}", "", *stale(head)]
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
    names = [] if head.commit else stages_to_run()
    if not names:
        return []
    some = ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")
    return [f"**The workspace is not reproduced**: {some} would run. `make repro` first.", ""]


def dvc_table(kind: str, base: Revision, head: Revision) -> list[str]:
    """The table of `dvc metrics diff` or `dvc params diff`, lines of Markdown."""
    done = _dvc_diff(kind, "--md", base, head)
    print(done.stderr, end="", file=sys.stderr)  # what DVC could not load
    table = done.stdout.strip().splitlines()
    heading, rows = table[:2], table[2:]
    return [*heading, *natsorted(rows)] if rows else [f"No {kind} differ."]  # DVC's order is a set's


def models(base: Revision, head: Revision) -> list[str]:
    """What the predictions tell, lines of Markdown."""
    before, after = base.predictions(), head.predictions()
    changed = [key for key in sorted(before.keys() & after.keys()) if before[key] != after[key]]
    versions, groups, missing = fetch(base, head, changed)
    reasons = {key: changes.incomparable(*tables, view=key[1]) for key, tables in versions.items()}
    compared = {key: tables for key, tables in versions.items() if not reasons[key]}

    lines: list[str] = []
    if compared and groups is not None:
        table = changes.changes(compared, groups=groups)
        lines += [
            f"Accuracy of {head.name} less that of {base.name} on the items that both tested, with its paired 95 % "
            "interval over groups. p is McNemar's, corrected by Holm over the models listed here.",
            "",
            *(f"- {changes.sentence(row)}" for row in records(table)),
            "",
        ]
    lists = {
        "Not comparable": [f"{changes.name(*key)}: {reason}" for key, reason in reasons.items() if reason],
        "The same predictions": _names(key for key in before.keys() & after.keys() if key not in changed),
        f"Only in {base.name}": _names(before.keys() - after.keys()),
        f"Only in {head.name}": _names(after.keys() - before.keys()),
    }
    for heading, names in lists.items():
        lines += [f"{heading}: {'; '.join(names)}.", ""] if names else []
    if missing:
        lines += [
            "Not compared, because files are missing:",
            "",
            *(f"- {problem}" for problem in missing),
            "",
            "Whoever ran that revision has them: `dvc push` there, then the same command here, which reads them from "
            "the remote (or `dvc fetch --all-commits` first, to have them in the cache).",
            "",
        ]
    return lines[:-1]


def fetch(base: Revision, head: Revision, keys: list[Key]) -> tuple[Versions, pd.Series | None, list[str]]:
    """({key: the tables of predictions of base and head}, groups, [what cannot be had])."""
    if not keys:
        return {}, None, []
    try:  # first, so that a remote that does not answer is asked once
        groups = changes.joined(*(_groups(side) for side in (base, head)))
    except Missing as error:
        return {}, None, [f"{error}; without it these were not asked for: {'; '.join(_names(keys))}"]
    versions, missing = {}, []
    for key in keys:
        try:
            versions[key] = _predictions(base, key), _predictions(head, key)
        except Missing as error:
            missing.append(str(error))
    return versions, groups, missing


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


def _predictions(side: Revision, key: Key) -> pd.DataFrame:
    path = paths.predictions(*key)
    try:
        return checked(parse_table(side.read(path)))
    except Missing:
        raise
    except EarshotError as error:
        raise EarshotError(f"{side.name}: {path}: {error}") from None


def _groups(side: Revision) -> pd.Series:
    return parse_table(side.read(paths.SPLIT)).set_index("id")["group"]


def _names(keys: Iterable[Key]) -> list[str]:
    return [changes.name(*key) for key in sorted(keys)]
