"""The runs of one model: each trains it anew, with its own seed, on the same split.

What a run draws for itself (initialization, order, dropout, augmentation, and in view `shuffled` the labels) hangs on
the study's seed and the run's number alone: its bytes are the same whatever other runs there are.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from earshot.core import devices
from earshot.core.rng import run_seed
from earshot.models.normalization import Normalized
from earshot.store.kept_outputs import KeptOutputs
from earshot.training import checkpoint, distributed, state
from earshot.training.batches import Clips
from earshot.training.curves import live_curves
from earshot.training.data import ModelData
from earshot.training.fit import FitResult, fit
from earshot.training.kept_runs import KeptRuns, TrainedRun
from earshot.training.models import start_model
from earshot.training.recipe import Recipe
from earshot.training.state import EpochRow

log = distributed.logger(__name__)


def train_runs(
    recipe: Recipe,
    data: ModelData,
    *,
    runs: int,
    seed: int,
    cell: str,
    folder: Path,
    curves: Callable[[int], Path],
    checkpoints: Path,
) -> list[TrainedRun]:
    """Train a model several times, one run after another. Those that are kept from before are taken over.

    runs : how many
    seed : the study's
    cell : the model's name in the study, `10-sound-cnn`
    folder : the model's, where the weights go
    curves : gives DVCLive's folder for a run
    checkpoints : `.checkpoints`

    Ctrl-C ends the run in hand, and no other is begun. Returns what each run came to, in the order of their numbers;
    of several processes that train together the first alone knows it, and writes.
    """
    device = devices.pick(recipe.trainer.device)
    trained: list[TrainedRun] = []
    with distributed.processes(device):
        is_first = distributed.rank() == 0
        kept = KeptRuns(checkpoints, cell, _identity(recipe, data, seed=run_seed(seed, 1)))
        frozen_outputs = KeptOutputs(cell, folder=checkpoints / "frozen")
        for run in range(1, runs + 1):
            name, interrupted = f"run {run} of {runs}", False
            past = kept.read(run) if is_first else None
            with live_curves(curves(run)) as add_epoch:
                if distributed.any_of(past is not None, device):
                    log.info(f"{name}: as before, not trained again")
                    for row in past.history if past else []:
                        add_epoch(row)
                else:
                    log.info(name)
                    model, result = _train(
                        recipe,
                        data.of_run(run_seed(seed, run)),
                        seed=run_seed(seed, run),
                        checkpoints=kept.folder,
                        frozen_outputs=frozen_outputs,
                        keep=kept.of(run),
                        on_epoch=add_epoch,
                    )
                    interrupted = result.interrupted
                    if is_first:
                        past = kept.write(run, model, result)
                        checkpoint.remove(result.checkpoint)
            if past:
                trained.append(past)
                kept.publish(run, folder)
            if interrupted:
                break
        if is_first:
            kept.forget_others()
            frozen_outputs.forget_others()
    return trained


def _identity(recipe: Recipe, data: ModelData, *, seed: int) -> dict[str, Any]:
    """All that the runs of a model hang on but for their numbers, as the first run shows it.

    seed : the first run's
    """
    parts = _seen(recipe, data.of_run(seed))
    model = start_model(recipe, parts["train"], n_classes=len(data.classes), seed=seed)
    return state.identity(
        model,
        parts,
        n_classes=len(data.classes),
        trainer=recipe.trainer,
        seed=seed,
        device=devices.pick(recipe.trainer.device),
    )


def _train(
    recipe: Recipe,
    data: ModelData,
    *,
    seed: int,
    checkpoints: Path,
    frozen_outputs: KeptOutputs,
    keep: Path,
    on_epoch: Callable[[EpochRow], None],
) -> tuple[Normalized, FitResult]:
    """Train one run.

    data : as the run sees it
    """
    parts = _seen(recipe, data)
    model = start_model(recipe, parts["train"], n_classes=len(data.classes), seed=seed)
    result = fit(
        model,
        train=parts["train"],
        val=parts.get("val"),
        test=parts.get("test"),
        classes=data.classes,
        trainer=recipe.trainer,
        seed=seed,
        checkpoints=checkpoints,
        frozen_outputs=frozen_outputs,
        keep=keep,
        on_epoch=on_epoch,
    )
    return model, result


def _seen(recipe: Recipe, data: ModelData) -> dict[str, Clips]:
    """The clips of the parts that training looks at."""
    parts = data.parts
    return parts if recipe.trainer.track_test else {part: parts[part] for part in parts if part != "test"}
