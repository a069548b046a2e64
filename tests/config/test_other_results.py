"""What is left of models that the study does not have."""

from pathlib import Path

import pytest

from earshot.config.other_results import Cells, remove_other_results, warn_of_other_results
from earshot.core import paths
from earshot.core.io import write_bytes

CELL, OTHERS = (2, "sound", "cnn"), [(10, "sound", "cnn"), (2, "picture", "cnn"), (2, "sound", "lstm")]
STRAYS = (
    "models/notes.txt",
    "models/2/sound/.DS_Store",
    "metrics/models/2/mine/cnn.json",
    "data/audio/0.tar",
)


def results(cell):
    """The files that the stages write of a model."""
    return [
        paths.model(*cell) / "model.json",
        paths.curves(*cell, 1) / "train/loss.tsv",
        paths.predictions(*cell),
        paths.embedded(*cell),
        paths.per_class(*cell),
        paths.decisions(*cell) / "keep.csv",
        paths.gradcam(*cell) / "items.csv",
        paths.metrics(*cell),
        paths.answers(*cell),
        paths.gradcam_metrics(*cell),
        paths.plots("confusion", *cell) / "test.csv",
        paths.plots("gradcam", *cell) / "curves.csv",
        paths.reliability(*cell),
    ]


@pytest.fixture
def study(in_folder):
    """A study of one model, beside what three others have left and files of the user's own."""
    for path in [path for cell in (CELL, *OTHERS) for path in results(cell)]:
        write_bytes(path, b"")
    for path in (*STRAYS, paths.features("sound") / "rows.csv", paths.features("picture") / "rows.csv"):
        write_bytes(path, b"")
    return Cells(subsets=[2], views=["sound"], models=["cnn"])


def test_results_of_models_that_the_study_does_not_have_are_removed_and_named(study, caplog):
    with caplog.at_level("INFO"):
        remove_other_results(study)
    assert "10-sound-cnn, 2-picture-cnn, 2-sound-lstm, picture" in caplog.text
    left = {path for path in Path().rglob("*") if path.is_file()}
    assert left == {*results(CELL), *map(Path, STRAYS), paths.features("sound") / "rows.csv"}
    assert not Path("models/10").exists()
    caplog.clear()
    remove_other_results(study)
    warn_of_other_results(study)
    assert not caplog.text


def test_a_comparison_names_what_dvc_counts_with_it(study, caplog):
    warn_of_other_results(study)
    assert "10-sound-cnn, 2-picture-cnn, 2-sound-lstm, picture: not in the study" in caplog.text
