"""The notebook in docs/ runs, cell by cell, on the tiny study in place of the digits."""

import json

import matplotlib.pyplot as plt
import pytest

from tests.repository import ROOT

NOTEBOOK = json.loads((ROOT / "docs/notebook.ipynb").read_text(encoding="utf-8"))
# What the tiny study has in place of the digits study's.
TINY = {"models/10/sound/cnn": "models/2/sound/cnn", "data/samples/digits/7/0007.png": "pictures/a/0.png"}


@pytest.mark.slow
@pytest.mark.pipeline
def test_every_cell_runs(reproduced_study, monkeypatch):
    code = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    for theirs, ours in TINY.items():
        assert any(theirs in cell for cell in code)
        code = [cell.replace(theirs, ours) for cell in code]
    monkeypatch.chdir(reproduced_study)
    names = {}
    for cell in code:
        exec(compile(cell, "docs/notebook.ipynb", "exec"), names)
    plt.close("all")
    assert names["model"].classes == ["a", "b"]
    assert names["answer"].label in ("a", "b")
    assert names["noisy"].signal.shape == names["sound"].signal.shape
