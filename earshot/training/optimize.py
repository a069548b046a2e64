"""The optimizer and the learning rate, each schedule a function of the step and nothing else."""

import math

import torch

SLOWER = 0.1  # a plateau's factor


def optimizer_of(model, trainer):
    """The optimizer that the trainer names, over the parameters that are not frozen."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    common = {"lr": trainer.lr, "weight_decay": trainer.weight_decay}
    # fused: one pass over each tensor, the same formula
    fused = all(parameter.device.type in ("cpu", "cuda") for parameter in parameters)
    if trainer.optimizer == "sgd":
        return torch.optim.SGD(parameters, momentum=trainer.momentum, fused=fused, **common)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[trainer.optimizer]
    return kind(parameters, fused=fused, **common)


def learning_rate(trainer, *, step, steps_per_epoch, history):
    """The learning rate of one step.

    step : int, counted from 0 over all epochs
    history : list of the epochs' rows so far; only `plateau` reads it
    """
    steps = steps_per_epoch * trainer.epochs
    warmup = round(steps_per_epoch * trainer.warmup_epochs)
    if trainer.schedule == "one_cycle":  # it warms up by itself
        return trainer.lr * one_cycle(step, steps)
    factor = (step + 1) / warmup if step < warmup else 1.0
    if trainer.schedule == "cosine":
        factor = cosine(step, steps, warmup)
    elif trainer.schedule == "plateau":
        factor *= plateau(history, trainer)
    return trainer.lr * factor


def cosine(step, steps, warmup):
    """Linear warm-up, then half a cosine down to zero."""
    # 1. warm-up
    if step < warmup:
        return (step + 1) / warmup
    # 2. past the end
    if step >= steps:
        return 0.0
    # 3. between
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def one_cycle(step, steps, *, rise=0.3, start=1 / 25, end=1 / 250_000):
    """Smith (2018), "A disciplined approach to neural network hyper-parameters", with torch's defaults."""
    peak, last = rise * steps - 1, steps - 1
    # 1. up
    if step <= peak:
        return _ease(start, 1.0, step / peak)
    # 2. past the end
    if step >= last:
        return end
    # 3. down
    return _ease(1.0, end, (step - peak) / (last - peak))


def plateau(history, trainer):
    """A tenth for every `plateau_patience` epochs in a row without a new best."""
    factor, best, waited = 1.0, -math.inf, 0
    for row in history:
        value = goodness(row, trainer)
        # 1. a new best
        if value > best:
            best, waited = value, 0
        # 2. still waiting
        elif waited + 1 < trainer.plateau_patience:
            waited += 1
        # 3. waited long enough
        else:
            factor, waited = factor * SLOWER, 0
    return factor


def goodness(row, trainer):
    """What `select` looks at in an epoch's row, larger for better. Without validation, the training loss."""
    if "val/loss" not in row:
        return -row["train/loss"]
    value = row[trainer.select.replace("val_", "val/", 1)]
    return -value if trainer.select == "val_loss" else value


def _ease(start, end, share):
    """Half a cosine from start to end."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
