"""The runs of one model: each trains it anew, with its own seed, on the same split.

What a run draws for itself (initialization, order, dropout, augmentation, and in view `shuffled` the labels) hangs on
the study's seed and the run's number alone: its bytes are the same whatever other runs there are.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from earshot.core import devices
from earshot.core.rng import run_seed
from earshot.models import saved
from earshot.models.build import parameter_count
from earshot.store.kept_outputs import KeptOutputs
from earshot.training import checkpoint, distributed, state
from earshot.training.batches import Clips
from earshot.training.curves import live_curves
from earshot.training.data import ModelData
from earshot.training.fit import fit
from earshot.training.kept_runs import EpochRow, KeptRuns, TrainedRun, publish_backbone
from earshot.training.models import start_model
from earshot.training.recipe import Recipe

log = distributed.logger(__name__)


class Start(NamedTuple):
    """What all runs of a model start from.

    identity : a hash of all that they hang on but for their numbers, as the first run shows it
    backbone : the file of a backbone that is the same in all of them; nothing where there is none
    """

    identity: str
    backbone: bytes


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
    kept_runs: KeptRuns | None = None,
) -> list[TrainedRun]:
    """Train a model several times, one run after another. Those that are kept from before are taken over.

    runs : how many
    seed : the study's
    cell : the model's name in the study, `10-sound-cnn`
    folder : the model's, where the weights go
    curves : gives DVCLive's folder for a run
    checkpoints : `.checkpoints`
    kept_runs : where all runs are kept, as a cluster has trained them; the folder then has what they share

    Ctrl-C ends the run in hand, and no other is begun. Returns what each run came to, in the order of their numbers;
    of several processes that train together the first alone knows it, and writes.
    """
    if kept_runs:
        return take_over(kept_runs, runs=runs, folder=folder, curves=curves)
    device = devices.pick(recipe.trainer.device)
    trained: list[TrainedRun] = []
    with distributed.processes(device):
        is_first = distributed.rank() == 0
        identity, backbone = start_of(recipe, data, seed=seed)
        kept_runs = KeptRuns(checkpoints, cell, identity)
        if is_first:
            kept_runs.remove_where_asked()
            publish_backbone(backbone, folder, checkpoints=checkpoints, model=recipe.architecture)
        del backbone  # hundreds of megabytes
        frozen_outputs = KeptOutputs(cell, folder=checkpoints / "frozen")
        for run in range(1, runs + 1):
            name, interrupted = f"run {run} of {runs}", False
            past = kept_runs.read(run) if is_first else None
            with live_curves(curves(run)) as add_epoch:
                if distributed.any_of(past is not None, device):
                    log.info(f"{name}: as before, not trained again")
                    for row in past.history if past else []:
                        add_epoch(row)
                else:
                    log.info(name)
                    past, interrupted = train_run(
                        recipe,
                        data,
                        run=run,
                        seed=seed,
                        kept_runs=kept_runs,
                        frozen_outputs=frozen_outputs,
                        on_epoch=add_epoch,
                    )
            if is_first and past:
                trained.append(past)
                kept_runs.publish(run, folder)
            if interrupted:
                break
        if is_first:
            kept_runs.forget_others()
            frozen_outputs.forget_others()
    return trained


def take_over(
    kept_runs: KeptRuns, *, runs: int, folder: Path, curves: Callable[[int], Path]
) -> list[TrainedRun]:
    """What `train_runs` leaves and returns, of runs that are all kept."""
    trained: list[TrainedRun] = []
    for run in range(1, runs + 1):
        past = kept_runs.read(run)
        assert past, run
        with live_curves(curves(run)) as add_epoch:
            for row in past.history:
                add_epoch(row)
        trained.append(past)
        kept_runs.publish(run, folder)
    kept_runs.forget_others()
    return trained


def start_of(recipe: Recipe, data: ModelData, *, seed: int) -> Start:
    """What the runs of a model start from.

    seed : the study's
    """
    own = run_seed(seed, 1)
    parts = _seen(recipe, data.of_run(own))
    model = start_model(recipe, parts["train"], n_classes=len(data.classes), seed=own)
    about = state.identity(
        model,
        parts,
        n_classes=len(data.classes),
        trainer=recipe.trainer,
        seed=own,
        device=devices.pick(recipe.trainer.device),
    )
    return Start(checkpoint.hash_of(about), saved.backbone_bytes(model))


def train_run(
    recipe: Recipe,
    data: ModelData,
    *,
    run: int,
    seed: int,
    kept_runs: KeptRuns,
    frozen_outputs: KeptOutputs,
    on_epoch: Callable[[EpochRow], None] | None = None,
) -> tuple[TrainedRun, bool]:
    """Train one run and keep it. Of several processes that train together the first one keeps it.

    seed : the study's

    Returns what it came to, and whether Ctrl-C ended it.
    """
    own = run_seed(seed, run)
    parts = _seen(recipe, data.of_run(own))
    model = start_model(recipe, parts["train"], n_classes=len(data.classes), seed=own)
    result = fit(
        model,
        train=parts["train"],
        val=parts.get("val"),
        test=parts.get("test"),
        classes=data.classes,
        trainer=recipe.trainer,
        seed=own,
        checkpoints=kept_runs.folder,
        frozen_outputs=frozen_outputs,
        keep=kept_runs.of(run),
        on_epoch=on_epoch,
    )
    trained = TrainedRun(result.epoch, result.history, parameter_count(model))
    if distributed.rank() == 0:
        kept_runs.write(run, trained, saved.weights_bytes(model), finished=not result.interrupted)
        checkpoint.remove(result.checkpoint)
    return trained, result.interrupted


def _seen(recipe: Recipe, data: ModelData) -> dict[str, Clips]:
    """The clips of the parts that training looks at."""
    parts = data.parts
    return parts if recipe.trainer.track_test else {part: parts[part] for part in parts if part != "test"}
