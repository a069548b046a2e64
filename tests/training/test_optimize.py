"""Schedules and optimizers against torch's own and by formula."""

import pytest
import torch

from earshot.training import optimize
from tests.training.arrays import a_trainer


def torchs(make, steps):
    """The factors that a torch scheduler gives, one a step."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, factors = make(optimizer), []
    for _ in range(steps):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return factors


def test_cosine_equals_torchs():
    expected = torchs(lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20), 20)
    assert [optimize.cosine(step, 20, 0) for step in range(20)] == pytest.approx(expected)


def test_one_cycle_equals_torchs():
    scheduler = torch.optim.lr_scheduler.OneCycleLR
    expected = torchs(lambda optimizer: scheduler(optimizer, 1.0, total_steps=50, cycle_momentum=False), 50)
    assert [optimize.one_cycle(step, 50) for step in range(50)] == pytest.approx(expected)


@pytest.mark.parametrize(("every", "factor"), [(1, 0.5), (3, 0.1)])
def test_steps_equal_torchs(every, factor):
    trainer = a_trainer(lr=1.0, schedule="step", step_epochs=every, step_factor=factor)
    expected = torchs(lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, every, gamma=factor), 10)
    found = [
        optimize.learning_rate(trainer, step=2 * e + 1, steps_per_epoch=2, history=[]) for e in range(10)
    ]
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("warmup", [0, 2, 9])
def test_schedules_of_a_few_steps_stay_between_0_and_1(steps, warmup):
    for step in range(steps + 2):
        assert 0 <= optimize.one_cycle(step, steps) <= 1
        assert 0 <= optimize.cosine(step, steps, warmup) <= 1


def test_warm_up_rises_in_equal_steps():
    trainer = a_trainer(lr=1.0, warmup_epochs=2.0)
    rates = [optimize.learning_rate(trainer, step=s, steps_per_epoch=2, history=[]) for s in range(6)]
    assert rates == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1])


@pytest.mark.parametrize(
    ("losses", "factor"),
    [
        ([], 1),
        ([3, 2, 1], 1),
        ([1, 2], 1),
        ([1, 2, 2], 0.1),
        ([1, 2, 2, 2, 2], 0.01),
        ([1, 2, 2, 0.5, 1], 0.1),
    ],
    ids=str,
)
def test_plateau_slows_after_waiting(losses, factor):
    trainer = a_trainer(schedule="plateau", plateau_patience=2)
    history = [{"val/loss": loss} for loss in losses]
    assert optimize.plateau(history, trainer) == pytest.approx(factor)


@pytest.mark.parametrize(
    ("select", "expected"), [("val_loss", -0.5), ("val_accuracy", 0.8), ("val_macro_f1", 0.7)]
)
def test_goodness_is_what_select_names(select, expected):
    row = {"val/loss": 0.5, "val/accuracy": 0.8, "val/macro_f1": 0.7, "train/loss": 9}
    assert optimize.goodness(row, a_trainer(select=select)) == expected


def test_without_validation_the_training_loss_counts():
    assert optimize.goodness({"train/loss": 2.0}, a_trainer(select="val_accuracy")) == -2.0


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize(
    ("name", "make", "options"),
    [
        ("adam", "Adam", {}),
        ("adamw", "AdamW", {}),
        ("sgd", "SGD", {"momentum": 0.8}),
        ("sgd", "SGD", {"momentum": 0.0}),
    ],
)
def test_optimizers_equal_torchs(name, make, options, decay):
    weights = []
    for torchs in (False, True):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3))
        if torchs:
            optimizer = getattr(torch.optim, make)(model.parameters(), lr=0.1, weight_decay=decay, **options)
        else:
            trainer = a_trainer(optimizer=name, lr=0.1, weight_decay=decay, **options)
            optimizer = optimize.Optimizer(model, trainer)
        for _ in range(5):
            optimizer.zero_grad()
            model(torch.ones(2, 5)).square().sum().backward()
            optimizer.step()
        weights.append(torch.cat([parameter.detach().flatten() for parameter in model.parameters()]))
    torch.testing.assert_close(*weights, rtol=1e-5, atol=1e-7)


def test_a_parameter_that_the_loss_does_not_reach_stays():
    model = torch.nn.ModuleList([torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)])
    before = model[1].weight.detach().clone()
    optimizer = optimize.Optimizer(model, a_trainer(weight_decay=0.1))
    model[0](torch.ones(1, 2)).sum().backward()
    optimizer.step()
    assert torch.equal(model[1].weight, before)
