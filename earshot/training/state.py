"""What one training run holds while it lasts, and its way into a checkpoint and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from earshot.config.train import Trainer
from earshot.core import devices
from earshot.core.fingerprint import code_hash, library_versions
from earshot.training import checkpoint, distributed
from earshot.training.batches import Clips, Reader, fingerprint, reader
from earshot.training.kept_runs import EpochRow
from earshot.training.optimize import Optimizer

log = distributed.logger(__name__)


@dataclass
class Run:
    """A model in training. `parts` and `readers` have the keys train, and val and test where there are any.

    learner : the model as it is called in a training step: compiled, or averaging over processes
    best : the weights of the best epoch so far
    """

    model: nn.Module
    learner: nn.Module
    optimizer: Optimizer
    scaler: torch.amp.GradScaler
    device: torch.device
    trainer: Trainer
    seed: int
    n_classes: int
    parts: Mapping[str, Clips]
    readers: Mapping[str, Reader]
    history: list[EpochRow] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)
    best_epoch: int = 0


def start(
    model: nn.Module,
    parts: Mapping[str, Clips],
    *,
    n_classes: int,
    trainer: Trainer,
    seed: int,
    device: torch.device,
) -> Run:
    """Puts the model and, where they fit in `memory_gb`, the clips on the device."""
    model.to(device)
    if device.type == "cpu" or trainer.precision != "float32":
        # the order in which convolutions are fastest there: on a CPU by a quarter
        model.to(memory_format=torch.channels_last)
    in_memory = sum(clips.nbytes for clips in parts.values()) <= trainer.memory_gb * 1e9
    learner = model
    if trainer.compile:
        learner = cast(nn.Module, torch.compile(model))  # what it gives for a module is a module
    return Run(
        model=model,
        learner=distributed.wrap(learner, device),
        optimizer=Optimizer(model, trainer),
        scaler=torch.amp.GradScaler(device.type, enabled=trainer.precision == "fp16"),
        device=device,
        trainer=trainer,
        seed=seed,
        n_classes=n_classes,
        parts=parts,
        readers={part: reader(clips, in_memory=in_memory, device=device) for part, clips in parts.items()},
    )


def identity(
    model: nn.Module,
    parts: Mapping[str, Clips],
    *,
    n_classes: int,
    trainer: Trainer,
    seed: int,
    device: torch.device,
) -> dict[str, Any]:
    """All that a run's result depends on, for the names of the folders that are found again.

    model : with the weights that it starts from
    """
    return {
        "architecture": str(model),
        "weights": checkpoint.state_hash(model.state_dict()),
        "trainer": trainer.model_dump(),
        "data": {part: fingerprint(clips) for part, clips in parts.items()},
        "code": [code_hash("training"), library_versions()],
        "machine": [devices.hardware(device), distributed.world()],
        "others": [seed, n_classes],
    }


def save(run: Run, folder: Path) -> None:
    """Writes the run's checkpoint.

    The order of the clips, the masks and dropout of an epoch follow from the seed and the epoch's number, and
    the learning rate from the step and the history: the history's length is all the state that they have.
    """
    if distributed.rank() == 0:
        content = {
            "model": run.model.state_dict(),
            "optimizer": run.optimizer.state_dict(),
            "scaler": run.scaler.state_dict(),
            "history": run.history,
            "best": run.best,
            "best_epoch": run.best_epoch,
        }
        checkpoint.write(folder, content)


def resume(run: Run, checkpoints: Path) -> Path:
    """Takes the run to where its checkpoint left it. Without one it stays at the start.

    checkpoints : where the folders of all runs lie

    Returns the folder of its own.
    """
    about = identity(
        run.model,
        run.parts,
        n_classes=run.n_classes,
        trainer=run.trainer,
        seed=run.seed,
        device=run.device,
    )
    folder = checkpoint.directory(checkpoints, about)
    past = checkpoint.read(folder, device=run.device)
    if past is not None:
        run.model.load_state_dict(past["model"])
        run.optimizer.load_state_dict(past["optimizer"])
        run.scaler.load_state_dict(past["scaler"])
        run.history, run.best, run.best_epoch = past["history"], past["best"], past["best_epoch"]
        log.info(f"going on after epoch {len(run.history)}, from {folder}")
    return folder


def keep_best(run: Run) -> None:
    """Copies the weights: those in the model move on with the next step."""
    run.best = {name: tensor.detach().clone() for name, tensor in run.model.state_dict().items()}
    run.best_epoch = len(run.history)
