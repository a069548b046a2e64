"""Say which stages gave other bytes than the committed dvc.lock from the same inputs, and what of the verdict changed.

python -m scripts.other_bytes

It says nothing where no stage did: where all is as committed, and where what differs follows from other code, settings
or data.
"""

import difflib
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from earshot.core import paths

LOCK = Path("dvc.lock")
Stages = Mapping[str, Mapping[str, Any]]  # as dvc.lock has them, by name


def main() -> None:
    before = {path: committed(path) for path in (LOCK, paths.VERDICT)}
    after = {path: path.read_text() for path in before if path.is_file()}
    if None in before.values() or before == after or len(after) < len(before):
        return
    from earshot.evaluation.verdict import sentences_of  # a second of imports, of which most runs need none

    stages = [YAML(typ="safe").load(texts[LOCK])["stages"] for texts in (before, after)]
    lines = message(*stages, *(sentences_of(texts[paths.VERDICT] or "") for texts in (before, after)))
    print("\n".join(["", *lines]) if lines else "", end="\n" if lines else "")


def message(
    before: Stages, after: Stages, sentences_before: Sequence[str], sentences_after: Sequence[str]
) -> list[str]:
    """The lines that are printed; none where no stage gave other bytes from the same inputs."""
    here = [name for name in after if name in before and gave_other_bytes(before[name], after[name])]
    if not here:
        return []
    follow = [
        name
        for name in after
        if name in before and name not in here and outs(before[name]) != outs(after[name])
    ]
    lines = [
        f"Other bytes than the committed dvc.lock has, from the same inputs: {', '.join(by_stage(here))}."
    ]
    if follow:
        lines.append(f"What follows from them differs too: {', '.join(by_stage(follow))}.")
    changes = [
        line for line in difflib.ndiff(sentences_before, sentences_after) if line.startswith(("- ", "+ "))
    ]
    if not changes:
        return [*lines, "No sentence of the verdict changed."]
    return [*lines, "The verdict changed, - committed, + here:", *changes]


def gave_other_bytes(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a stage ran on the same inputs, and its outputs differ."""
    same_inputs = all(before.get(key) == after.get(key) for key in ("cmd", "deps", "params"))
    return same_inputs and outs(before) != outs(after)


def outs(stage: Mapping[str, Any]) -> dict[str, str]:
    """The hash of each output."""
    return {out["path"]: out["md5"] for out in stage.get("outs", [])}


def by_stage(names: Sequence[str]) -> list[str]:
    """`train (3 of them)` for the cells of one matrix, in order."""
    counts: dict[str, int] = {}
    for name in names:
        stage = name.partition("@")[0]
        counts[stage] = counts.get(stage, 0) + 1
    return [stage if count == 1 else f"{stage} ({count} of them)" for stage, count in counts.items()]


def committed(path: Path) -> str | None:
    """A file as the last commit has it; None where it has none, or no Git."""
    try:
        done = subprocess.run(
            ["git", "show", f"HEAD:./{path.as_posix()}"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


if __name__ == "__main__":
    main()
