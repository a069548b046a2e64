"""How long models were trained, where that is not the same for models that are compared."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from earshot.evaluation.curves import has_curves
from earshot.evaluation.predictions import Key
from earshot.evaluation.wording import listed
from earshot.models.card import ModelCard


class TrainingLength(NamedTuple):
    """How long one model was to train, and how long each of its runs did.

    epochs : the most there may be; 0 is no limit
    patience : epochs without a better one before training stops; 0 never stops early
    runs : of each (the epoch that is kept, how many there were)
    """

    epochs: int
    patience: int
    runs: Sequence[tuple[int, int]]


def training_length(card: ModelCard, *, validated: bool) -> TrainingLength:
    """How long a model was trained, from its card.

    validated : whether there was a validation part; without one nothing stops training early
    """
    runs = [(run.epoch, run.epochs_trained) for run in card.runs]
    return TrainingLength(card.trainer.epochs, card.trainer.patience if validated else 0, runs)


def training_lengths(cards: Mapping[Key, ModelCard]) -> dict[Key, TrainingLength]:
    """How long each model of the study was trained, from its card and from what its curves were measured on."""
    return {model: training_length(card, validated=has_curves(model, "val")) for model, card in cards.items()}


def note(models: Mapping[str, TrainingLength]) -> list[str]:
    """Sentences on models that were not trained by the same rule, or were stopped by hand; none where all were alike.

    models : those that are compared, by name

    Stopping early is a part of the rule: under one, models may differ in how many epochs they take.
    """
    sentences = list(_by_hand(models))
    rules = {name: _rule(about) for name, about in models.items()}
    if len(set(rules.values())) > 1:
        each = [f"{name} {rule}" for name, rule in rules.items()]
        sentences.append(f"They were not trained equally long: {listed(each)}.")
    return sentences


def stopped_by_hand(about: TrainingLength) -> list[int]:
    """The runs, from 1, that ended before their epochs and their patience did."""
    return [
        run
        for run, (best, trained) in enumerate(about.runs, 1)
        if not (about.epochs and trained >= about.epochs)
        if not (about.patience and trained - best >= about.patience)
    ]


def _by_hand(models: Mapping[str, TrainingLength]) -> Iterator[str]:
    for name, about in models.items():
        stopped = stopped_by_hand(about)
        if not stopped:
            continue
        after = listed([str(about.runs[run - 1][1]) for run in stopped])
        numbers = listed([str(run) for run in stopped])
        which = f" in run{'s' if len(stopped) > 1 else ''} {numbers}" if len(about.runs) > 1 else ""
        yield f"The training of {name} was stopped by hand{which}, after {after} epochs."


def _rule(about: TrainingLength) -> str:
    until = f"until {about.patience} brought nothing better" if about.patience else ""
    if about.epochs:
        return f"for {about.epochs} epochs" + (f" or {until}" if until else "")
    return f"for epochs without limit {until}" if until else "until it was stopped"
