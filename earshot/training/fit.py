"""The trainer: one epoch, an evaluation, and the fit that chooses the epoch to keep."""

import math
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from tqdm import tqdm

from earshot.core import devices
from earshot.core.errors import EarshotError
from earshot.core.rng import digest, generator
from earshot.models import saved
from earshot.training import batch_augment, checkpoint, distributed, frozen, memory, state
from earshot.training.batches import cut, epoch_order
from earshot.training.interrupt import Interrupt
from earshot.training.losses import balanced_weights, clip_losses
from earshot.training.optimize import goodness, learning_rate
from earshot.training.running_scores import Tally


@dataclass(frozen=True)
class Fitted:
    """What training came to; the model holds the kept epoch's weights.

    epoch : the epoch that was kept, from 1
    history : one dict an epoch: epoch, lr, and {train, val, test}/{loss, accuracy, macro_f1}
    checkpoint : folder to remove when the outputs are written, or None
    interrupted : whether Ctrl-C ended it
    """

    epoch: int
    history: list
    checkpoint: Path | None
    interrupted: bool


def fit(
    model,
    *,
    train,
    val,
    classes,
    trainer,
    seed,
    test=None,
    checkpoints=None,
    name="",
    keep=None,
    on_epoch=None,
    say=None,
    every_s=10.0,
):
    """Trains the model and leaves the weights of the best epoch in it.

    model : Normalized
    train, val, test : Clips; `val` may be None or empty (the last epoch is kept); `test` is only watched
    classes : the subset's classes; labels index them
    trainer : config.Trainer
    seed : int; same seed, same input, same bytes
    checkpoints : folder for resuming (`.checkpoints`), or None; `name` tells runs apart that share it
    keep : folder for every epoch's weights where `keep_epochs` asks for them
    on_epoch : called with each epoch's row, those of a resumed run's past first
    say : called with lines for the person who watches; standard error by default
    every_s : seconds between checkpoints; a kill costs no more than these and one epoch

    Returns Fitted. Raises EarshotError for a loss that is no number and for a device that is not there.
    """
    say, on_epoch, device = say or to_stderr, on_epoch or (lambda row: None), devices.pick(trainer.device)
    parts = {"train": train, "val": val, "test": test}
    parts = {part: clips for part, clips in parts.items() if clips is not None and len(clips)}
    if "val" not in parts:
        say("no validation clips: the last epoch is kept, and nothing stops training early")
    with (
        devices.repeatable(device, threads=trainer.threads),
        distributed.processes(device),
        Interrupt(say) as interrupt,
    ):
        memory.check_batch(model, train.shape, batch_size=trainer.batch_size, device=device)
        learner = model
        if frozen.cacheable(model, trainer):
            # nothing below the head changes from epoch to epoch
            shared = {"trainer": trainer, "device": device, "folder": checkpoints}
            parts = {part: frozen.through(model, clips, **shared) for part, clips in parts.items()}
            learner = model.model.head
        now = state.start(learner, parts, n_classes=len(classes), trainer=trainer, seed=seed, device=device)
        folder = None
        if checkpoints is not None:
            folder = checkpoint.directory(checkpoints, name, state.identity(now))
            state.restore(now, folder, say=say)
        for row in now.history:
            on_epoch(row)
        written, interrupted = time.monotonic(), False
        while not interrupted and not finished(now):
            row = one_epoch(now, say=say)
            if trainer.keep_epochs and keep is not None and distributed.rank() == 0:
                # beside the checkpoint, which outlives a kill, until training is through
                saved.write_weights(Path(folder or keep) / epoch_file(row["epoch"]), model)
            on_epoch(row)
            interrupted = distributed.any_of(interrupt.asked, device)
            if folder and time.monotonic() - written >= every_s:
                state.save(now, folder)
                written = time.monotonic()
        learner.load_state_dict(now.best)
    if trainer.keep_epochs and keep is not None and folder and distributed.rank() == 0:
        Path(keep).mkdir(parents=True, exist_ok=True)
        for epoch in range(1, len(now.history) + 1):
            shutil.copy(folder / epoch_file(epoch), Path(keep) / epoch_file(epoch))
    return Fitted(now.best_epoch, now.history, folder, interrupted)


def one_epoch(now, *, say):
    """Trains one epoch, evaluates it, notes it in the history and keeps it where it is the best. Returns its row."""
    epoch, began = len(now.history) + 1, time.monotonic()
    scores = {"train": train_one_epoch(now, epoch)}
    speed = len(now.parts["train"]) / (time.monotonic() - began)
    row = {"epoch": epoch, "lr": scores["train"].pop("lr")}
    scores |= {part: evaluate(now, part) for part in now.parts if part != "train"}
    for part in now.parts:
        row |= {f"{part}/{key}": value for key, value in scores[part].items()}
    check_loss(row)
    best_yet = max((goodness(past, now.trainer) for past in now.history), default=-math.inf)
    now.history.append(row)
    if "val" not in now.parts or goodness(row, now.trainer) > best_yet:
        state.keep_best(now)
    say(progress_line(row, now.trainer.epochs, speed))
    return row


def train_one_epoch(now, epoch):
    """Trains on every clip once (more often where `oversample` says so). Returns the scores and the last lr.

    The scores are those of each batch before its own step.
    """
    clips, trainer, device, n_classes = now.parts["train"], now.trainer, now.device, now.n_classes
    order = epoch_order(
        clips.labels, seed=now.seed, epoch=epoch, oversample=trainer.imbalance == "oversample"
    )
    batches = cut(order, trainer.batch_size)
    weights = None
    if trainer.imbalance == "class_weights":
        weights = balanced_weights(clips.labels, n_classes).to(device)
    rng = generator(now.seed, "masks", epoch, distributed.rank())
    torch.manual_seed(digest(now.seed, "dropout", epoch, distributed.rank()) % 2**63)
    tally = Tally(n_classes, device)
    now.running.train()
    for number, index in enumerate(progress(batches, epoch)):
        mine, share = distributed.share(index)
        labels = torch.from_numpy(clips.labels[mine]).to(device)
        x, targets = now.reads["train"](mine), F.one_hot(labels, n_classes).float()
        x, targets = batch_augment.augment(x, targets, trainer, rng=rng)
        step = (epoch - 1) * len(batches) + number
        rate = learning_rate(trainer, step=step, steps_per_epoch=len(batches), history=now.history)
        with devices.autocast(device, trainer.precision):
            logits = now.running(x)
        losses = clip_losses(logits, targets, class_weights=weights, label_smoothing=trainer.label_smoothing)
        loss = losses.mean() * share + penalty(now.model)
        take_step(now.optimizer, now.scaler, loss, rate=rate, clip_norm=trainer.clip_norm)
        if share:
            tally.add(logits, labels, losses)
    distributed.add_up(tally.loss, tally.confusion)
    return {**tally.scores(), "lr": rate}


def take_step(optimizer, scaler, loss, *, rate, clip_norm=None):
    """One update of the weights at this learning rate. Gradients are unscaled before they are clipped."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    if clip_norm:
        scaler.unscale_(optimizer)
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        torch.nn.utils.clip_grad_norm_(weights, clip_norm)
    scaler.step(optimizer)
    scaler.update()


@torch.inference_mode()
def evaluate(now, part):
    """The loss, accuracy and macro F1 of a part, each clip counted once."""
    clips, tally = now.parts[part], Tally(now.n_classes, now.device)
    now.model.eval()
    mine = np.arange(distributed.rank(), len(clips), distributed.world())
    for index in cut(mine, 2 * now.trainer.batch_size):
        labels = torch.from_numpy(clips.labels[index]).to(now.device)
        with devices.autocast(now.device, now.trainer.precision):
            logits = now.model(now.reads[part](index))
        tally.add(logits, labels, clip_losses(logits, F.one_hot(labels, now.n_classes).float()))
    distributed.add_up(tally.loss, tally.confusion)
    return tally.scores()


def finished(now):
    """Whether all epochs are done, or `patience` of them went by without a better one. 0 means no limit."""
    done, trainer = len(now.history), now.trainer
    if trainer.epochs and done >= trainer.epochs:
        return True
    return bool(trainer.patience and "val" in now.parts and done - now.best_epoch >= trainer.patience)


def penalty(model):
    """What a model adds to its training loss, 0 for most."""
    return model.penalty() if hasattr(model, "penalty") else 0.0


def check_loss(row):
    """Raises EarshotError where a loss of the epoch is no number."""
    bad = [key for key, value in row.items() if key.endswith("loss") and not math.isfinite(value)]
    if bad:
        raise EarshotError(
            f"training diverged in epoch {row['epoch']}: {bad[0]} is {row[bad[0]]} at learning rate "
            f"{row['lr']:g}. Try a tenth of the learning rate (lr), clip_norm: 1.0, warmup_epochs: 1, or "
            "precision: float32; and see that the features hold no infinite values"
        )


def progress(batches, epoch):
    """The batches behind a bar that counts them, shown on a terminal only."""
    return tqdm(batches, desc=f"epoch {epoch}", unit=" batches", leave=False, disable=None)


def progress_line(row, epochs, speed):
    """An epoch in one line."""
    parts = dict.fromkeys(key.split("/")[0] for key in row if "/" in key)
    scores = [
        f"{part} loss {row[f'{part}/loss']:.4f} acc {row[f'{part}/accuracy']:.3f} F1 {row[f'{part}/macro_f1']:.3f}"
        for part in parts
    ]
    return " · ".join([f"epoch {row['epoch']}/{epochs or '…'}", *scores, f"{speed:,.0f} samples/s"])


def epoch_file(epoch):
    """The name of one epoch's weights."""
    return f"epoch_{epoch:04d}.safetensors"


def to_stderr(text):
    """Says a line to the person who watches."""
    if distributed.rank() == 0:
        tqdm.write(text, file=sys.stderr)
