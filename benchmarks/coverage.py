"""Do the 95 % intervals cover the truth, and how often are equals told apart? Simulated studies with known answers.

    python -m benchmarks.coverage [--studies 1000] [--seed 0] [--jobs 2]

One row for each number of runs R and of test items n; each cell is the lowest and the highest percentage over designs
that differ in the number of groups (6, n/10 and n) and in how far runs differ (0, .1 and .3 of the latent deviation: 0,
.5 to 4 and 1.5 to 12 points of accuracy, the more the further it is from 100 %). The target is 93 to 97 %; of false
differences, 5 % or less.

A study has three procedures. A run is right on an item where its skill plus normal draws is above 0: one draw of the
run, one of the group and one of the item, of which procedures share half, and one of the run and item. So a procedure's
true accuracy is the normal distribution function of its skill over the root of all variances, a trained model's that of
skill and its own draw. A wrong answer goes to any other class, which makes the true macro F1 the accuracy. The second
procedure is a little worse than the first, and their ratio above chance is the retention; the third is as good as the
first, so that each difference found between these two is a false one.

With one run, `interval` speaks of the trained model, and is held against its truth; the rows `as of the procedure` show
what becomes of it when it is taken for more.
"""

import argparse
from dataclasses import dataclass
from itertools import product

import joblib
import numpy as np
from numpy.typing import NDArray
from scipy import special
from tqdm import tqdm

from earshot.core.rng import generator
from earshot.evaluation import intervals, metrics, paired
from earshot.evaluation.resampling import RESAMPLES, resampled_sums
from earshot.evaluation.retention import retention
from earshot.evaluation.significance import SIGNIFICANT, mcnemar
from earshot.evaluation.variance import components, resampled_components, spread

Array = NDArray[np.float64]
RUNS, ITEMS, RUN_EFFECTS = (1, 3, 5, 10), (60, 260, 1000), (0.0, 0.1, 0.3)
GROUP, ITEM = 0.1, 0.5  # of the latent variance; what is left is of the run and item
COMMON = 0.5  # of the two above, what procedures share
CLASSES = 4
MACRO_F1 = (260, 0.1, 0.2)  # items, run effect and share of the studies of which groups are resampled too
MEASURES = ["accuracy", "difference", "retention", "macro F1", "false differences", "McNemar, first runs"]


@dataclass(frozen=True)
class Design:
    runs: int
    items: int
    groups: int
    run_effect: float


def designs() -> list[Design]:
    return [
        Design(runs, items, groups, effect)
        for runs, items, effect in product(RUNS, ITEMS, RUN_EFFECTS)
        for groups in sorted({6, items // 10, items})
    ]


def study(design: Design, rng: np.random.Generator, *, macro_f1: bool) -> dict[str, bool]:
    """Whether each interval holds its truth, and whether equals are told apart."""
    groups = rng.permutation(np.arange(design.items) % design.groups)
    accuracy = rng.uniform(0.6, 0.98)
    means = np.array([accuracy, max(0.55, accuracy - rng.uniform(0, 0.05)), accuracy])
    skills = special.ndtri(means) * np.sqrt(1 + design.run_effect**2)
    own_runs = design.run_effect * rng.normal(size=(3, design.runs))
    right = _right(design, skills, own_runs, groups, rng)
    # the true accuracy of these trained models
    trained = special.ndtr(skills[:, None] + own_runs).mean(axis=1)
    truths = {"": means} if design.runs > 1 else {"": trained, " as of the procedure": means}

    sizes, chance = np.bincount(groups), 1 / CLASSES
    parts = components(right[0], groups)
    limits = {
        "accuracy": intervals.proportion_interval(parts.value, spread(parts.v_g, parts), sizes),
        "retention": retention(right[1], right[0], groups, chance=chance)[1:],
    }
    pair = paired.difference(right[0], right[1], groups)
    limits["difference"] = pair["difference_low"], pair["difference_high"]
    if macro_f1:
        limits["macro F1"] = _macro_f1(right[0], groups, rng)
    holds = {}
    for whose, truth in truths.items():
        values = {
            "accuracy": truth[0],
            "difference": truth[0] - truth[1],
            "retention": (truth[1] - chance) / (truth[0] - chance),
            "macro F1": truth[0],
        }
        for name, ends in limits.items():  # an interval without limits holds everything
            holds[name + whose] = not (values[name] < ends[0] or values[name] > ends[1])
    holds["false differences"] = paired.difference(right[0], right[2], groups)["p"] < SIGNIFICANT
    holds["McNemar, first runs"] = mcnemar(right[0][0], right[2][0])[2] < SIGNIFICANT
    return holds


def _right(
    design: Design, skills: Array, own_runs: Array, groups: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Shape (procedures, runs, items)."""

    def draws(count: int) -> Array:
        of_group = np.sqrt(GROUP) * rng.normal(size=(count, design.groups))[:, groups]
        levels: Array = of_group + np.sqrt(ITEM) * rng.normal(size=(count, design.items))
        return levels

    shared = np.sqrt(COMMON) * draws(1) + np.sqrt(1 - COMMON) * draws(3)  # (procedures, items)
    of_run_and_item = np.sqrt(1 - GROUP - ITEM) * rng.normal(size=(3, design.runs, design.items))
    latent = skills[:, None, None] + own_runs[..., None] + shared[:, None] + of_run_and_item
    right: NDArray[np.bool_] = latent > 0
    return right


def _macro_f1(
    right: NDArray[np.bool_], groups: NDArray[np.int64], rng: np.random.Generator
) -> intervals.Limits:
    """The interval of macro F1 as `earshot.evaluation.metrics` gives it, where a wrong answer is any other class."""
    n_runs, n = right.shape
    label = np.arange(n) % CLASSES
    slip = (label + rng.integers(1, CLASSES, size=right.shape)) % CLASSES
    counts = [
        metrics.class_counts(label, np.where(own, label, other), CLASSES)
        for own, other in zip(right, slip, strict=True)
    ]
    sums = resampled_sums(np.stack(counts, axis=1).reshape(n, -1), groups, rng=rng)
    resampled = metrics.scores(sums.reshape(RESAMPLES, n_runs, 3, CLASSES))["macro_f1"].T
    scores = np.array([metrics.scores(own.sum(axis=0))["macro_f1"] for own in counts])
    parts = resampled_components(scores, resampled, int(groups.max()) + 1)
    return intervals.proportion_interval(parts.value, spread(parts.v_g, parts), np.bincount(groups))


def shares(design: Design, *, studies: int, seed: int) -> dict[str, float]:
    """Of each measure the share of simulated studies."""
    items, effect, part = MACRO_F1
    resampled = studies * part if (design.items, design.run_effect) == (items, effect) else 0
    held: dict[str, list[bool]] = {}
    for number in range(studies):
        holds = study(design, generator(seed, str(design), number), macro_f1=number < resampled)
        for name, value in holds.items():
            held.setdefault(name, []).append(value)
    return {name: float(np.mean(values)) for name, values in held.items()}


def table(shares_of: dict[Design, dict[str, float]]) -> list[str]:
    """Lines of Markdown."""
    lines = ["| R | n | " + " | ".join(MEASURES) + " |", "|---" * (2 + len(MEASURES)) + "|"]
    for runs, items in product(RUNS, ITEMS):
        rows = [
            values for design, values in shares_of.items() if (design.runs, design.items) == (runs, items)
        ]
        for whose in ("", " as of the procedure") if runs == 1 else ("",):
            cells = [_cell([row[name + whose] for row in rows if name + whose in row]) for name in MEASURES]
            lines.append(f"| {runs}{whose} | {items:,} | {' | '.join(cells)} |")
    return lines


def _cell(values: list[float]) -> str:
    if not values:
        return ""
    low, high = (f"{100 * end:.1f}" for end in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=joblib.cpu_count())
    arguments = parser.parse_args()
    tried = designs()
    work = joblib.Parallel(n_jobs=arguments.jobs, return_as="generator")(
        joblib.delayed(shares)(design, studies=arguments.studies, seed=arguments.seed) for design in tried
    )
    shares_of = dict(zip(tried, tqdm(work, total=len(tried), unit="design", leave=False), strict=True))
    print("\n".join(table(shares_of)))
    for name in ("accuracy", "difference", "retention"):
        several = [values[name] for design, values in shares_of.items() if design.runs > 1]
        within = np.mean([0.93 <= value <= 0.97 for value in several])
        print(f"{name}: 93 to 97 % in {100 * within:.0f} % of {len(several)} designs of several runs")


if __name__ == "__main__":
    main()
