"""One model of the study, from its data to its folder: the weights of its runs, its card, its temperature."""

from collections.abc import Callable, Sequence
from pathlib import Path

from earshot.core.paths import CHECKPOINTS
from earshot.models import saved
from earshot.training.calibration import calibrate
from earshot.training.kept_runs import KeptRuns
from earshot.training.model_job import ModelJob
from earshot.training.models import card_of
from earshot.training.runs import train_runs


def train_model(
    job: ModelJob,
    *,
    runs: int,
    folder: Path,
    curves: Callable[[int], Path],
    kept_runs: KeptRuns | None,
    reject: Sequence[str],
    groups_named: bool,
) -> None:
    """Train a model several times and write its folder.

    folder : the model's
    runs, curves, kept_runs : as `train_runs` takes them
    reject, groups_named : as `card_of` takes them
    """
    data = job.data()
    trained = train_runs(
        job.recipe,
        data,
        runs=runs,
        seed=job.seed,
        cell=job.cell,
        folder=folder,
        curves=curves,
        checkpoints=CHECKPOINTS,
        kept_runs=kept_runs,
    )
    if not trained:  # of several processes that train together the first one knows, and writes
        return
    card = card_of(
        job.recipe,
        trained,
        data,
        view=job.view,
        from_cv=job.from_cv,
        reject=reject,
        groups_named=groups_named,
    )
    saved.write_card(folder, card)
    calibrate(folder, data, name=job.cell, seed=job.seed)
