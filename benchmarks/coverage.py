"""Do the 95 % intervals cover the truth? Seeded simulated studies whose true values are known.

    python -m benchmarks.coverage [--studies 4000] [--seed 0]

For each design, the percentage of studies whose interval holds the true value: ours, and in brackets the
plain percentiles of the same resampled groups. The target is 93 to 97 %.

A study has items in groups and two models. A model is right on an item where its skill for the item's class
plus a normal draw is above 0; part of the draw is shared within a group, part between the models. So the true
accuracy of a class is the normal distribution function of the skill, and a wrong answer goes to another class
by a fixed distribution: true accuracy, macro F1, difference and retention follow by formula.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from tqdm import tqdm

from earshot.core.rng import generator
from earshot.evaluation import intervals, metrics
from earshot.evaluation.retention import retention

Array = NDArray[np.float64]
MEASURES = ["accuracy", "macro_f1", "difference", "retention"]


@dataclass(frozen=True)
class Design:
    classes: int
    groups: int
    size: int  # items in a group
    shared: float  # the share of the draw's variance that a group has in common
    lowest: float  # true mean accuracy lies between these two
    highest: float

    def __str__(self) -> str:
        items = f"{self.groups} items" if self.size == 1 else f"{self.groups} groups of {self.size}"
        span = f"accuracy {self.lowest:g} to {self.highest:g}"
        return f"{self.classes} classes, {items}, {self.shared:g} shared, {span}"


DESIGNS = [
    Design(2, 60, 1, 0.0, 0.6, 0.98),
    Design(4, 200, 1, 0.0, 0.6, 0.98),
    Design(10, 500, 1, 0.0, 0.6, 0.98),
    Design(10, 150, 1, 0.0, 0.9, 0.99),
    Design(10, 6, 50, 0.0, 0.6, 0.95),
    Design(10, 6, 50, 0.1, 0.6, 0.95),
    Design(10, 6, 50, 0.3, 0.6, 0.95),
    Design(10, 12, 30, 0.1, 0.6, 0.95),
    Design(10, 20, 30, 0.1, 0.9, 0.99),
    Design(10, 30, 20, 0.1, 0.6, 0.95),
]


def covered(design: Design, rng: np.random.Generator) -> dict[str, list[bool]]:
    """{measure: (ours, percentiles)}, each True where the interval holds the truth."""
    k, n = design.classes, design.groups * design.size
    label = np.tile(np.arange(k), -(-n // k))[:n]
    group = rng.permutation(np.repeat(np.arange(design.groups), design.size))
    skills = _skills(design, rng)
    wrong = rng.dirichlet(np.full(k - 1, 0.5), size=k) if k > 2 else np.ones((2, 1))
    wrong = np.array([np.insert(row, c, 0.0) for c, row in enumerate(wrong)])  # (label, predicted)
    shares = np.bincount(label, minlength=k) / n
    right, predicted = zip(*_answers(design, skills, wrong, label, group, rng), strict=True)
    truth = _truth(skills, wrong, shares)

    counts = metrics.class_counts(label, predicted[0], k)
    limits = metrics.intervals(counts, group, rng=rng)
    sums = intervals.resampled_sums(np.column_stack([*right, counts.reshape(n, -1)]), group, rng=rng)
    resampled = metrics.scores(sums[:, 2:].reshape(-1, 3, k))
    own, other = sums[:, :2].T / sums[:, 2 + k : 2 + 2 * k].sum(axis=1)  # of the items in each resample
    sizes = np.bincount(group)
    error = intervals.standard_error(own - other, len(sizes))
    ours = {name: (limits[f"{name}_low"], limits[f"{name}_high"]) for name in ("accuracy", "macro_f1")}
    ours["difference"] = intervals.difference_interval(right[0].mean() - right[1].mean(), error, sizes)
    # The first model stands for the picture, the second for the sound.
    ours["retention"] = retention(right[1], right[0], other, own, sizes=sizes, chance=1 / k)[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        resampled["retention"] = (other - 1 / k) / (own - 1 / k)
    resampled["difference"] = own - other
    return {
        name: [_holds(limits, value) for limits in (ours[name], _percentiles(resampled[name]))]
        for name, value in truth.items()
    }


def coverage(design: Design, *, studies: int, seed: int) -> dict[str, Array]:
    """{measure: (ours, percentiles)}, the share of simulated studies that hold the truth."""
    held = [covered(design, generator(seed, str(design), study)) for study in range(studies)]
    return {name: np.mean([study[name] for study in held], axis=0) for name in MEASURES}


def _skills(design: Design, rng: np.random.Generator) -> tuple[Array, Array]:
    """The two models' skills by class; the second is between a little better and clearly worse."""
    mean = rng.uniform(design.lowest, design.highest)
    first = np.clip(mean + rng.uniform(-0.7, 0.7, design.classes) * (1 - mean), 0.05, 0.995)
    second = np.clip(first + rng.uniform(-0.1, 0.03), 0.05, 0.995)
    return ndtri(first), ndtri(second)


def _answers(
    design: Design,
    skills: tuple[Array, Array],
    wrong: Array,
    label: NDArray[np.int64],
    group: NDArray[np.int64],
    rng: np.random.Generator,
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
    """For each model, right or not and the class it names; half of each variance is shared by the models."""

    def normal(share: float) -> Array:
        of_group = rng.normal(size=design.groups)[group] * np.sqrt(design.shared)
        of_item = rng.normal(size=len(label)) * np.sqrt(1 - design.shared)
        draw: Array = (of_group + of_item) * np.sqrt(share)
        return draw

    both = normal(0.5)
    for skill in skills:
        right = skill[label] + both + normal(0.5) > 0
        slip = (rng.random(len(label))[:, None] > np.cumsum(wrong[label], axis=1)).sum(axis=1)
        yield right, np.where(right, label, np.minimum(slip, design.classes - 1))


def _truth(skills: tuple[Array, Array], wrong: Array, shares: Array) -> dict[str, float]:
    confusion = shares[:, None] * (np.diag(ndtr(skills[0])) + (1 - ndtr(skills[0]))[:, None] * wrong)
    f1 = 2 * np.diag(confusion) / (confusion.sum(axis=0) + confusion.sum(axis=1))
    first, second = (float(shares @ ndtr(skill)) for skill in skills)
    chance = 1 / len(shares)
    return {
        "accuracy": first,
        "macro_f1": f1.mean(),
        "difference": first - second,
        "retention": (second - chance) / (first - chance),
    }


def _percentiles(resampled: Array) -> Array:
    return np.quantile(resampled, [0.025, 0.975], method="nearest")


def _holds(limits: Sequence[float] | Array, truth: float) -> bool:
    # An interval without limits holds everything.
    return not (truth < limits[0] or truth > limits[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--studies", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rows = {}
    for design in tqdm(DESIGNS, unit="design", leave=False):
        rows[design] = coverage(design, studies=arguments.studies, seed=arguments.seed)
    print(f"{'':62}" + "".join(f"{name:>15}" for name in MEASURES))
    for design, shares in rows.items():
        cells = (f"{100 * ours:.1f} ({100 * plain:.1f})" for ours, plain in shares.values())
        print(f"{design!s:62}" + "".join(f"{cell:>15}" for cell in cells))


if __name__ == "__main__":
    main()
