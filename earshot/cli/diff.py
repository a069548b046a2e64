"""Tell what a proposal changes: metrics, params, and which models are better or worse for sure."""

import sys
from pathlib import Path

from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import parse_table, write_bytes
from earshot.core.ordering import natural_key
from earshot.evaluation import changes
from earshot.evaluation.predictions import checked
from earshot.plots import change_charts
from earshot.store.lock import dvc, stages_to_run
from earshot.store.revisions import Missing, open_revision

MOST = 5  # stages named
CHARTS = "diff"  # the folder beside the Markdown file


def add_arguments(parser):
    parser.add_argument("base", metavar="BASE", help="what to compare with: a branch, a tag or a commit")
    parser.add_argument("head", metavar="HEAD", nargs="?", help="likewise; the workspace unless named")
    parser.add_argument(
        "--markdown", metavar="FILE", type=Path, help="write there, charts in diff/ beside it"
    )


def main(arguments):
    """Print what changed as Markdown, or write it with the charts of the models that changed."""
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
    lines += ["## Metrics", "", *dvc_diff("metrics", base, head), ""]
    lines += ["## Params", "", *dvc_diff("params", base, head), ""]
    lines += ["## Models", "", *models(base, head, folder=target and target.parent / CHARTS)]
    text = "\n".join(lines) + "\n"
    if target:
        write_bytes(target, text.encode())
    else:
        print(text, end="")


def stale(head):
    """What to know of a workspace whose results are older than its code."""
    names = [] if head.commit else stages_to_run()
    if not names:
        return []
    told = ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")
    return [f"**The workspace is not reproduced**: {told} would run. `make repro` first.", ""]


def dvc_diff(kind, base, head):
    """The table of `dvc metrics diff` or `dvc params diff`, lines of Markdown."""
    done = dvc(kind, "diff", "--md", "--", base.name, *([head.name] if head.commit else []))
    if done.returncode:
        raise EarshotError(
            f"`dvc {kind} diff` cannot compare {base.name} and {head.name}: {done.stderr.strip()}"
        )
    print(done.stderr, end="", file=sys.stderr)  # what DVC could not load
    table = done.stdout.strip().splitlines()
    heading, rows = table[:2], table[2:]
    return (
        [*heading, *sorted(rows, key=natural_key)] if rows else [f"No {kind} differ."]
    )  # DVC's order is a set's


def models(base, head, *, folder):
    """What the predictions tell, lines of Markdown; charts go into the folder, where one is named."""
    before, after = base.predictions(), head.predictions()
    changed = [key for key in sorted(before.keys() & after.keys()) if before[key] != after[key]]
    versions, groups, missing = fetch(base, head, changed)
    reasons = {key: changes.incomparable(*tables, view=key[1]) for key, tables in versions.items()}
    compared = {key: tables for key, tables in versions.items() if not reasons[key]}

    lines = []
    if compared:
        table = changes.changes(compared, groups=groups)
        lines += [
            f"Accuracy of {head.name} less that of {base.name} on the items that both tested, with its paired 95 % "
            "interval over groups. p is McNemar's, corrected by Holm over the models listed here.",
            "",
            *(f"- {changes.sentence(row)}" for row in table.to_dict("records")),
            "",
        ]
    told = {
        "Not comparable": [f"{_name(key)}: {reason}" for key, reason in reasons.items() if reason],
        "The same predictions": _names(key for key in before.keys() & after.keys() if key not in changed),
        f"Only in {base.name}": _names(before.keys() - after.keys()),
        f"Only in {head.name}": _names(after.keys() - before.keys()),
    }
    for heading, names in told.items():
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
    for key, tables in compared.items() if folder else ():
        lines += [f"### {_name(key)}", "", *charts(base, head, key, tables, folder=folder), ""]
    return lines[:-1]


def fetch(base, head, keys):
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
            versions[key] = tuple(_predictions(side, key) for side in (base, head))
        except Missing as error:
            missing.append(str(error))
    return versions, groups, missing


def charts(base, head, key, tables, *, folder):
    """Draw what changed in one model; lines of Markdown that show it."""
    name = "-".join(map(str, key))
    lines = []
    change = changes.confusion_change(*changes.common(*tables, view=key[1]))
    if change["change"].any():
        title = f"Confusion: {head.name} less {base.name}"
        lines += _draw(change_charts.confusion(change, title=title), folder / f"{name}-confusion.png", title)
    else:
        lines.append("Every item gets the same answer; only probabilities differ.")
    try:
        points = {
            side.name: change_charts.curve_points(side.read_folder(paths.plots("curves", *key)))
            for side in (base, head)
        }
    except Missing as error:
        return [*lines, "", f"No curves: {error}."]
    title = "Training curves"
    return [*lines, *_draw(change_charts.curves(points, title=title), folder / f"{name}-curves.png", title)]


def _draw(chart, file, title):
    write_bytes(file, change_charts.png(chart))
    return [f"![{title}]({file.parent.name}/{file.name})"]


def _predictions(side, key):
    path = paths.predictions(*key)
    try:
        return checked(parse_table(side.read(path)))
    except Missing:
        raise
    except EarshotError as error:
        raise EarshotError(f"{side.name}: {path}: {error}") from None


def _groups(side):
    return parse_table(side.read(paths.SPLIT)).set_index("id")["group"]


def _names(keys):
    return [_name(key) for key in sorted(keys)]


def _name(key):
    return changes.name(*key)
