"""What one training run holds while it lasts, and its way into a checkpoint and back."""

from dataclasses import dataclass, field

import torch

from earshot.training import checkpoint, distributed
from earshot.training.batches import fingerprint, reader
from earshot.training.optimize import Optimizer


@dataclass
class Run:
    """A model in training. `parts` and `reads` have the keys train, and val and test where there are any.

    running : the model as it is called in a training step: compiled, or averaging over processes
    """

    model: torch.nn.Module
    running: torch.nn.Module
    optimizer: Optimizer
    scaler: torch.amp.GradScaler
    device: torch.device
    trainer: object
    seed: int
    n_classes: int
    parts: dict
    reads: dict
    history: list = field(default_factory=list)
    best: dict | None = None
    best_epoch: int = 0


def start(model, parts, *, n_classes, trainer, seed, device):
    """Puts the model and, where they fit in `memory_gb`, the clips on the device."""
    model.to(device)
    if trainer.channels_last:
        model.to(memory_format=torch.channels_last)
    in_memory = sum(clips.nbytes for clips in parts.values()) <= trainer.memory_gb * 1e9
    return Run(
        model=model,
        running=distributed.wrap(torch.compile(model) if trainer.compile else model, device),
        optimizer=Optimizer(model, trainer),
        scaler=torch.amp.GradScaler(device.type, enabled=trainer.precision == "fp16"),
        device=device,
        trainer=trainer,
        seed=seed,
        n_classes=n_classes,
        parts=parts,
        reads={part: reader(clips, in_memory=in_memory, device=device) for part, clips in parts.items()},
    )


def identity(run):
    """All that the run's result depends on, for the name of its checkpoint folder."""
    return {
        "architecture": str(run.model),
        "weights": checkpoint.state_hash(run.model.state_dict()),
        "trainer": run.trainer.model_dump(),
        "data": {part: fingerprint(clips) for part, clips in run.parts.items()},
        "others": [run.seed, run.n_classes, distributed.world(), str(run.device), torch.__version__],
    }


def save(run, folder):
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


def restore(run, folder, *, say):
    """Takes the run to where its checkpoint left it. Without one it stays at the start."""
    past = checkpoint.read(folder, say=say, device=run.device)
    if past is None:
        return
    run.model.load_state_dict(past["model"])
    run.optimizer.load_state_dict(past["optimizer"])
    run.scaler.load_state_dict(past["scaler"])
    run.history, run.best, run.best_epoch = past["history"], past["best"], past["best_epoch"]
    say(f"going on after epoch {len(run.history)}, from {folder}")


def keep_best(run):
    """Copies the weights: those in the model move on with the next step."""
    run.best = {name: tensor.detach().clone() for name, tensor in run.model.state_dict().items()}
    run.best_epoch = len(run.history)
