"""The trainer: one epoch, an evaluation, and the fit that chooses the epoch to keep."""

import logging
import math
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from earshot.config.train import Trainer
from earshot.core import devices
from earshot.core.errors import EarshotError
from earshot.core.rng import digest, generator
from earshot.models import saved
from earshot.models.normalization import Normalized
from earshot.store.kept_outputs import KeptOutputs
from earshot.training import batch_augment, distributed, frozen, memory, state
from earshot.training.batches import Clips, cut, epoch_order
from earshot.training.interrupt import Interrupt
from earshot.training.kept_runs import EpochRow
from earshot.training.losses import balanced_weights, clip_losses
from earshot.training.optimize import Optimizer, goodness, learning_rate
from earshot.training.running_scores import RunningScores
from earshot.training.state import Run

log = distributed.logger(__name__)


@dataclass(frozen=True)
class FitResult:
    """What training came to; the model holds the best epoch's weights.

    epoch : the best epoch, from 1
    history : one row an epoch: epoch, lr, and {train, val, test}/{loss, accuracy, macro_f1}
    checkpoint : folder to remove when the outputs are written, or None
    interrupted : whether Ctrl-C ended it
    """

    epoch: int
    history: list[EpochRow]
    checkpoint: Path | None
    interrupted: bool


def fit(
    model: Normalized,
    *,
    train: Clips,
    val: Clips | None,
    classes: Sequence[str],
    trainer: Trainer,
    seed: int,
    test: Clips | None = None,
    checkpoints: Path | None = None,
    frozen_outputs: KeptOutputs | None = None,
    keep: Path | None = None,
    on_epoch: Callable[[EpochRow], None] | None = None,
    progress: int = logging.INFO,
    every_s: float = 10.0,
) -> FitResult:
    """Trains the model and leaves the weights of the best epoch in it.

    val : without any, the last epoch counts as the best
    test : is only watched
    classes : the subset's classes; labels index them
    seed : same seed, same input, same bytes
    checkpoints : folder for resuming (`.checkpoints`), or None
    frozen_outputs : where what a frozen backbone gives is kept; None runs it in every epoch
    keep : folder for every epoch's weights where `keep_epochs` asks for them
    on_epoch : called with each epoch's row, those of a resumed run's past first
    progress : the level at which each epoch's line is logged
    every_s : seconds between checkpoints; a kill costs no more than these and one epoch

    Raises EarshotError for a loss that is no number and for a device that is not there.
    """
    device = devices.pick(trainer.device)
    given = {"train": train, "val": val, "test": test}
    parts = {part: clips for part, clips in given.items() if clips is not None and len(clips)}
    if "val" not in parts:
        log.log(progress, "no validation clips: the last epoch is kept, and nothing stops training early")
    with (
        devices.repeatable(device, threads=trainer.threads, deterministic=trainer.repeatable != "no"),
        distributed.processes(device),
    ):
        memory.check_batch(model, train.shape, batch_size=trainer.batch_size, device=device)
        trainable: nn.Module = model
        if frozen_outputs is not None and frozen.is_cacheable(model, trainer):
            # nothing below the head changes from epoch to epoch
            model.to(device)
            parts = {
                part: frozen.backbone_outputs(model, clips, device=device, kept_outputs=frozen_outputs)
                for part, clips in parts.items()
            }
            trainable = frozen.head_of(model)
        # Ctrl-C before this ends at once: a pass may take hours, and what it gave is kept
        with Interrupt() as interrupt:
            run = state.start(
                trainable, parts, n_classes=len(classes), trainer=trainer, seed=seed, device=device
            )
            folder = state.resume(run, checkpoints) if checkpoints else None
            epochs_folder = keep if trainer.keep_epochs and distributed.rank() == 0 else None
            tell = on_epoch or (lambda row: None)
            for row in run.history:
                tell(row)
            written, interrupted = time.monotonic(), False
            while not interrupted and not is_finished(run):
                row = one_epoch(run, progress=progress)
                if epochs_folder:
                    # beside the checkpoint, which outlives a kill, until training is through
                    saved.write_weights((folder or epochs_folder) / epoch_file(int(row["epoch"])), model)
                tell(row)
                interrupted = distributed.any_of(interrupt.asked, device)
                if folder and time.monotonic() - written >= every_s:
                    state.save(run, folder)
                    written = time.monotonic()
            trainable.load_state_dict(run.best)
    if epochs_folder and folder:
        copy_epochs(folder, epochs_folder, count=len(run.history))
    return FitResult(run.best_epoch, run.history, folder, interrupted)


def copy_epochs(source: Path, target: Path, *, count: int) -> None:
    """Copies the weights of the first epochs."""
    target.mkdir(parents=True, exist_ok=True)
    for epoch in range(1, count + 1):
        shutil.copy(source / epoch_file(epoch), target / epoch_file(epoch))


def one_epoch(run: Run, *, progress: int = logging.INFO) -> EpochRow:
    """Trains one epoch, evaluates it, notes it in the history and keeps its weights where it is the best.

    Returns the epoch's row.
    """
    epoch, began = len(run.history) + 1, time.monotonic()
    scores = {"train": train_one_epoch(run, epoch)}
    speed = len(run.parts["train"]) / (time.monotonic() - began)
    row: EpochRow = {"epoch": epoch, "lr": scores["train"].pop("lr")}
    scores |= {part: evaluate(run, part) for part in run.parts if part != "train"}
    for part in run.parts:
        row |= {f"{part}/{key}": value for key, value in scores[part].items()}
    check_loss(row)
    best_yet = max((goodness(past, run.trainer) for past in run.history), default=-math.inf)
    run.history.append(row)
    if "val" not in run.parts or goodness(row, run.trainer) > best_yet:
        state.keep_best(run)
    log.log(progress, progress_line(row, run.trainer.epochs, speed))
    return row


def train_one_epoch(run: Run, epoch: int) -> dict[str, float]:
    """Trains on every clip once (more often where `oversample` says so). Returns the scores and the last `lr`.

    The scores are those of each batch before its own step.
    """
    clips, trainer, device, n_classes = run.parts["train"], run.trainer, run.device, run.n_classes
    order = epoch_order(
        clips.labels, seed=run.seed, epoch=epoch, oversample=trainer.imbalance == "oversample"
    )
    batches = cut(order, trainer.batch_size)
    weights = None
    if trainer.imbalance == "class_weights":
        weights = balanced_weights(clips.labels, n_classes).to(device)
    rng = generator(run.seed, "masks", epoch, distributed.rank())
    torch.manual_seed(digest(run.seed, "dropout", epoch, distributed.rank()) % 2**63)
    running_scores = RunningScores(n_classes, device)
    rate = trainer.lr
    run.learner.train()
    for number, index in enumerate(with_bar(batches, epoch)):
        mine, share = distributed.share(index)
        labels = torch.from_numpy(clips.labels[mine]).to(device)
        x, targets = run.readers["train"](mine), F.one_hot(labels, n_classes).float()
        x, targets = batch_augment.augment(x, targets, trainer, rng=rng)
        step = (epoch - 1) * len(batches) + number
        rate = learning_rate(trainer, step=step, steps_per_epoch=len(batches), history=run.history)
        with devices.autocast(device, trainer.precision):
            logits = run.learner(x)
        losses = clip_losses(logits, targets, class_weights=weights, label_smoothing=trainer.label_smoothing)
        loss = losses.mean() * share + penalty(run.model)
        take_step(run.optimizer, run.scaler, loss, rate=rate, clip_norm=trainer.clip_norm)
        if share:
            running_scores.add(logits, labels, losses)
    running_scores.add_up()
    return {**running_scores.scores(), "lr": rate}


def take_step(
    optimizer: Optimizer,
    scaler: torch.amp.GradScaler,
    loss: Tensor,
    *,
    rate: float,
    clip_norm: float | None = None,
) -> None:
    """One update of the weights at this learning rate. Gradients are unscaled before they are clipped."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    torch.autograd.backward(scaler.scale(loss))
    if clip_norm:
        scaler.unscale_(optimizer)  # type: ignore[arg-type]  # it reads param_groups alone
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        torch.nn.utils.clip_grad_norm_(weights, clip_norm)
    scaler.step(optimizer)  # type: ignore[arg-type]  # likewise, and calls step
    scaler.update()


@torch.inference_mode()
def evaluate(run: Run, part: str) -> dict[str, float]:
    """The loss, accuracy and macro F1 of a part, each clip counted once."""
    clips, running_scores = run.parts[part], RunningScores(run.n_classes, run.device)
    run.model.eval()
    mine = np.arange(distributed.rank(), len(clips), distributed.world())
    for index in cut(mine, 2 * run.trainer.batch_size):
        labels = torch.from_numpy(clips.labels[index]).to(run.device)
        with devices.autocast(run.device, run.trainer.precision):
            logits = run.model(run.readers[part](index))
        running_scores.add(logits, labels, clip_losses(logits, F.one_hot(labels, run.n_classes).float()))
    running_scores.add_up()
    return running_scores.scores()


def is_finished(run: Run) -> bool:
    """Whether all epochs are done, or `patience` of them went by without a better one. 0 means no limit."""
    done, trainer = len(run.history), run.trainer
    if trainer.epochs and done >= trainer.epochs:
        return True
    return bool(trainer.patience and "val" in run.parts and done - run.best_epoch >= trainer.patience)


def penalty(model: nn.Module) -> Tensor | float:
    """What a model adds to its training loss, 0 for most."""
    own: Callable[[], Tensor | float] | None = getattr(model, "penalty", None)
    return own() if own else 0.0


def check_loss(row: Mapping[str, float]) -> None:
    """Raises EarshotError where a loss of the epoch is no number."""
    bad = [key for key, value in row.items() if key.endswith("loss") and not math.isfinite(value)]
    if bad:
        raise EarshotError(
            f"training diverged in epoch {row['epoch']}: {bad[0]} is {row[bad[0]]} at learning rate "
            f"{row['lr']:g}. Try a tenth of the learning rate (lr), clip_norm: 1.0, warmup_epochs: 1, or "
            "precision: float32; and see that the features hold no infinite values"
        )


def with_bar(batches: list[NDArray[np.int64]], epoch: int) -> Iterable[NDArray[np.int64]]:
    """The batches behind a bar that counts them, shown on a terminal only."""
    bar: Iterable[NDArray[np.int64]] = tqdm(
        batches, desc=f"epoch {epoch}", unit=" batches", leave=False, disable=None
    )
    return bar


def progress_line(row: Mapping[str, float], epochs: int, speed: float) -> str:
    """An epoch in one line.

    speed : clips a second
    """
    parts = dict.fromkeys(key.split("/")[0] for key in row if "/" in key)
    scores = [
        f"{part} loss {row[f'{part}/loss']:.4f} acc {row[f'{part}/accuracy']:.3f} F1 {row[f'{part}/macro_f1']:.3f}"
        for part in parts
    ]
    return " · ".join([f"epoch {row['epoch']}/{epochs or '…'}", *scores, f"{speed:,.0f} samples/s"])


def epoch_file(epoch: int) -> str:
    """The name of one epoch's weights."""
    return f"epoch_{epoch:04d}.safetensors"
