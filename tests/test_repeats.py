"""The whole pipeline through DVC, from files to report: each stage a process of its own."""

import re
import shutil

import pytest
from ruamel.yaml import YAML

from tests.study import run

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]


def test_side_by_side_from_nothing_gives_the_lock_of_one_process(reproduced_study, tmp_path):
    """Two stages at a time, as `make repro` runs them; the models of one architecture come from the cache."""
    study = shutil.copytree(reproduced_study, tmp_path / "study", symlinks=True)
    lock = YAML(typ="safe").load(study / "dvc.lock")
    cached = {name: stage for name, stage in lock["stages"].items() if name.endswith("-lstm")}
    assert len(cached) == 3 * 2
    YAML().dump(lock | {"stages": cached}, study / "dvc.lock")
    for outputs in ("data", "metrics", "models", "plots", "report", ".checkpoints"):
        shutil.rmtree(study / outputs)
    output = run("scripts/repro", "2", cwd=study)
    assert "# Verdict" in output
    ending = r"\nWarnings: \d+(, see metrics/verdict\.md(\n- .*){1,3})?\nReport: report/index\.html\n"
    assert re.search(ending + r"Took \d+ min \d+ s at commit [0-9a-f]{7,}.*\n$", output)
    assert YAML(typ="safe").load(study / "dvc.lock") == lock  # DVC writes stages in the order of running
    assert run("git", "status", "--porcelain", cwd=study).split() in ([], ["M", "dvc.lock"])
