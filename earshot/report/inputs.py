"""The files that the page is made from, and which stage writes each."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from earshot.config.study import StudySettings
from earshot.config.unfit import fitting
from earshot.core import paths
from earshot.core.errors import list_problems
from earshot.evaluation.predictions import Key
from earshot.models.card import CARD

OF_THE_STUDY = {
    paths.BALANCED: "balance",
    paths.SPLIT: "split",
    paths.SPLIT_METRICS: "split",
    paths.EDA: "eda",
    paths.FIDELITY: "sonify",
    paths.CHECKS: "examine",
    paths.CV_METRICS: "cv",
    paths.CV_CONFIGS: "cv",
    paths.MAP_METRICS: "compare_maps",
    paths.VERDICT: "compare",
    paths.SUMMARY: "compare",
    paths.PAIRS: "compare",
    paths.SUBGROUPS: "compare",
    paths.LISTENER_SCORES: "compare",
    paths.WARNINGS: "compare",
}


def check(models: Iterable[Key]) -> None:
    """Raise one EarshotError that names every file that is missing, and the command that makes it."""
    wanted = [*OF_THE_STUDY.items(), *(pair for model in models for pair in _of_model(model))]
    missing = [f"{path}: dvc repro {stage}" for path, stage in wanted if not path.exists()]
    if missing:
        raise list_problems(
            "The report lacks what other stages write. Run them, or `dvc repro` for all:", missing
        )


def models_of(params: StudySettings) -> list[Key]:
    """Every (subset, view, model) that the study has trained, in the order of params.yaml."""
    return list(fitting(params.subsets, params.views, params.models))


def _of_model(model: Key) -> Iterator[tuple[Path, str]]:
    name = "{}-{}-{}".format(*model)
    yield paths.model(*model) / CARD, f"train@{name}"
    yield paths.curves(*model, 1) / "train" / "loss.tsv", f"train@{name}"
    evaluated = [paths.predictions(*model), paths.per_class(*model), paths.reliability(*model)]
    evaluated.append(paths.embedded(*model))
    for path in (*evaluated, paths.decisions(*model)):
        yield path, f"evaluate@{name}"
    for part in ("train", "test"):
        yield paths.plots("confusion", *model) / f"{part}.csv", f"evaluate@{name}"
    for path in (paths.gradcam(*model) / "items.csv", paths.gradcam(*model) / "shown_maps.npy"):
        yield path, f"gradcam@{name}"
    for path in (paths.gradcam_metrics(*model), paths.gradcam(*model) / "methods.csv"):
        yield path, f"gradcam@{name}"
