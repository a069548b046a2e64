"""The optimizer and the learning rate, each schedule a function of the step and nothing else."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd

from earshot.config.train import Trainer

BETAS, EPSILON = (0.9, 0.999), 1e-8  # Adam's defaults
SLOWER = 0.1  # a plateau's factor


class Optimizer:
    """Adam, AdamW or SGD over the parameters that are not frozen, by torch's functional forms.

    torch's optimizer classes import its compiler on first use: more than a second of every training's start-up.
    `param_groups` holds the parameters and the learning rate, as in torch: a GradScaler can step it.
    """

    def __init__(self, model: nn.Module, trainer: Trainer) -> None:
        self.trainer = trainer
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.param_groups: list[dict[str, Any]] = [{"params": self.parameters, "lr": trainer.lr}]
        # one pass over each tensor, the same formula; the plain form takes roots by MKL, which rounds them otherwise on
        # Intel's processors than on AMD's
        self.fused = all(parameter.device.type in ("cpu", "cuda") for parameter in self.parameters)
        self.state: dict[str, list[Tensor]]
        if trainer.optimizer == "sgd":
            self.state = {"velocity": [torch.zeros_like(p) for p in self.parameters]}
        else:
            self.state = {
                "mean": [torch.zeros_like(p) for p in self.parameters],
                "square": [torch.zeros_like(p) for p in self.parameters],
                "steps": [torch.zeros((), device=p.device) for p in self.parameters],
            }

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Moves the parameters. One that the loss did not reach is left as it is."""
        reached = [number for number, parameter in enumerate(self.parameters) if parameter.grad is not None]
        parameters: list[Tensor] = [self.parameters[number] for number in reached]
        state = {key: [tensors[number] for number in reached] for key, tensors in self.state.items()}
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        trainer, lr = self.trainer, self.param_groups[0]["lr"]
        if trainer.optimizer == "sgd":
            sgd(
                parameters,
                gradients,
                [*state["velocity"]],
                lr=lr,
                momentum=trainer.momentum,
                weight_decay=trainer.weight_decay,
                dampening=0.0,  # a velocity of zeros takes the first gradient whole, as torch's does
                nesterov=False,
                maximize=False,
                fused=self.fused,
            )
            return
        update = adam if trainer.optimizer == "adam" else adamw
        update(
            parameters,
            gradients,
            state["mean"],
            state["square"],
            [],
            state["steps"],
            lr=lr,
            beta1=BETAS[0],
            beta2=BETAS[1],
            eps=EPSILON,
            weight_decay=trainer.weight_decay,
            amsgrad=False,
            maximize=False,
            fused=self.fused,
        )

    def state_dict(self) -> dict[str, list[Tensor]]:
        return self.state

    def load_state_dict(self, state: Mapping[str, list[Tensor]]) -> None:
        for key, tensors in self.state.items():
            for tensor, value in zip(tensors, state[key], strict=True):
                tensor.copy_(value)


def learning_rate(
    trainer: Trainer, *, step: int, steps_per_epoch: int, history: Sequence[Mapping[str, float]]
) -> float:
    """The learning rate of one step.

    step : counted from 0 over all epochs
    history : the epochs' rows so far; only `plateau` reads it
    """
    steps = steps_per_epoch * trainer.epochs
    warmup = round(steps_per_epoch * trainer.warmup_epochs)
    if trainer.schedule == "one_cycle":  # it warms up by itself
        return trainer.lr * one_cycle(step, steps)
    factor = (step + 1) / warmup if step < warmup else 1.0
    if trainer.schedule == "cosine":
        factor = cosine(step, steps, warmup)
    elif trainer.schedule == "step":
        factor *= trainer.step_factor ** (step // steps_per_epoch // trainer.step_epochs)
    elif trainer.schedule == "plateau":
        factor *= plateau(history, trainer)
    return trainer.lr * factor


def cosine(step: int, steps: int, warmup: int) -> float:
    """Linear warm-up, then half a cosine down to zero."""
    # 1. warm-up
    if step < warmup:
        return (step + 1) / warmup
    # 2. past the end
    if step >= steps:
        return 0.0
    # 3. between
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def one_cycle(
    step: int, steps: int, *, rise: float = 0.3, start: float = 1 / 25, end: float = 1 / 250_000
) -> float:
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


def plateau(history: Sequence[Mapping[str, float]], trainer: Trainer) -> float:
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


def goodness(row: Mapping[str, float], trainer: Trainer) -> float:
    """What `select` looks at in an epoch's row, larger for better. Without validation, the training loss."""
    if "val/loss" not in row:
        return -row["train/loss"]
    value = row[trainer.select.replace("val_", "val/", 1)]
    return -value if trainer.select == "val_loss" else value


def _ease(start: float, end: float, share: float) -> float:
    """Half a cosine from start to end."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
