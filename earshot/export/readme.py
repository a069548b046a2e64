"""What whoever is given a model should know of it, as Markdown: data, accuracy, use, limits, licence.

Mitchell et al. (2019), "Model cards for model reporting".
"""

import math
from pathlib import Path
from typing import Any, NamedTuple

from earshot.config.inputs import EmbeddingInput
from earshot.config.load import load, setting
from earshot.core import paths
from earshot.core.io import read_json, read_table
from earshot.evaluation.wording import interval, listed, percent
from earshot.models.card import ModelCard

PURPOSES = {"train": "trained it", "val": "chose its epochs and its temperature", "test": "tested it"}


class Facts(NamedTuple):
    """What the study around a model knows of it.

    data : the folder of its data set, as params.yaml names it
    items, groups : how many of its classes there are in each part of the split
    metrics : of metrics/models/
    doubts : the warnings that are about it or about the data set
    """

    data: str
    items: dict[str, int]
    groups: dict[str, int]
    metrics: dict[str, Any]
    doubts: list[str]


def facts_of(folder: Path, card: ModelCard) -> Facts | None:
    """What the study in the working directory knows of a model; None where the folder is not one of its models."""
    cell = len(card.classes) - len(card.reject), card.view, card.architecture
    if folder.resolve() != paths.model(*cell).resolve():
        return None
    if not all(path.is_file() for path in (paths.metrics(*cell), paths.SPLIT, paths.WARNINGS)):
        return None
    split = read_table(paths.SPLIT)
    split = split[split["label"].isin(card.classes)]
    parts = {part: own for part, own in split.groupby("split")}
    warnings = read_table(paths.WARNINGS)
    about = warnings[
        warnings["subset"].isna()
        | (warnings["subset"] == cell[0]) & (warnings["view"] == cell[1]) & (warnings["model"] == cell[2])
    ]
    metrics = read_json(paths.metrics(*cell))
    return Facts(
        data=str(setting(load(), "dataset.path")),
        items={str(part): len(own) for part, own in parts.items()},
        groups={str(part): own["group"].nunique() for part, own in parts.items()},
        metrics={key: math.nan if value is None else value for key, value in metrics.items()},
        doubts=list(about["text"]),
    )


def readme(card: ModelCard, facts: Facts | None, *, file: str, runs: int) -> str:
    """The page of an exported model.

    facts : None where nothing is known but the card
    file : the name of the ONNX file beside it
    runs : how many of the model's runs the file holds
    """
    averaged = f", {runs} times trained and averaged" if runs > 1 else ""
    classes = ", ".join(f"`{name}`" for name in card.classes)
    sections = {
        f"{card.architecture} on {card.view}, {len(card.classes)} classes": [
            f"`{file}` takes {_taken(card)} and gives a probability for each of: {classes}.",
            f"It is a network of {card.parameters:,} parameters{averaged}.",
        ],
        "Data": _data(card, facts),
        "Accuracy": _accuracy(facts, runs),
        "Intended use": _use(card),
        "Limits": _limits(card, facts),
        "Licence of the weights": _licence(card),
    }
    (title, opening), *others = sections.items()
    text = [f"# {title}", " ".join(opening)]
    for heading, sentences in others:
        text += [f"## {heading}", " ".join(sentences)]
    return "\n\n".join(text) + "\n"


def _taken(card: ModelCard) -> str:
    if isinstance(card.input, EmbeddingInput):
        return "sounds that Earshot made of pictures" if card.input.sonify else "sounds"
    if card.input.kind != "pictures":
        return card.input.kind
    return {
        "sound": "sounds that Earshot made of pictures",
        "picture": "pictures",
        "colour": "pictures in colour",
    }[card.input.view]


def _data(card: ModelCard, facts: Facts | None) -> list[str]:
    if facts is None:
        return ["Not known here: the model was exported without the study that it comes from."]
    of = [f"{facts.items[part]:,} {purpose}" for part, purpose in PURPOSES.items() if part in facts.items]
    items, groups = sum(facts.items.values()), sum(facts.groups.values())
    sentences = [f"`{facts.data}`: {items:,} items of these classes. {listed(of)}."]
    if not card.groups_named:
        return [*sentences, "No two of them are said to share a source."]
    return [*sentences, f"They come from {groups:,} groups, and none has items in two of these parts."]


def _accuracy(facts: Facts | None, runs: int) -> list[str]:
    if facts is None:
        return ["Not known here."]
    scores = facts.metrics
    trained = scores["runs"]
    mean = f", the mean of {trained} runs" if trained > 1 else ""
    sentences = [
        f"Right on {interval(scores, 'accuracy')} of the {scores['n_test']:,} test items{mean}. "
        f"Guessing gets {percent(scores['chance'])}. The limits cover 95 %."
    ]
    if 1 < runs == trained:
        sentences.append(
            f"All runs together, as in this file, are right on {percent(scores['ensemble_accuracy'])}."
        )
        error = scores.get("calibrated_ece")
        if error is not None:
            sentences.append(f"Its probabilities are off by {percent(error)} on average (ECE, test items).")
    return sentences


def _use(card: ModelCard) -> list[str]:
    if card.view == "shuffled":
        return ["None: it was trained on shuffled labels, as a control."]
    return [
        f"To tell these classes apart in {_taken(card)}, recorded or made as those of the data.",
        "Say here what it was made for, and for whom.",
    ]


def _limits(card: ModelCard, facts: Facts | None) -> list[str]:
    sentences = ["It names one of its classes whatever it is given, also what belongs to none."]
    if card.reject:
        names = listed([f"`{name}`" for name in card.reject])
        sentences = [
            f"What belongs to no other class is to be answered {names}; other things than were among its items in "
            "training may be taken for any class."
        ]
    if facts is None:
        return sentences
    if not card.groups_named:
        sentences.append(
            "No groups were named, so the test does not say how it does on sources that it has not met: other "
            "speakers, places or devices."
        )
    else:
        sentences.append("The test speaks of new groups that are like those of the data, and of no others.")
    return [*sentences, *facts.doubts]


def _licence(card: ModelCard) -> list[str]:
    start = card.settings.get("weights", "none")
    yours = "Name a licence here before you pass it on; the terms of the data may bind you."
    if isinstance(card.input, EmbeddingInput):
        ears = card.input.embedding.model
        return [
            f"It holds {Path(ears).name} (SHA-256 {card.input.sha256[:12]}), whose licence goes on to hold for the "
            "whole file. What was trained behind it started from scratch.",
            yours,
        ]
    if start == "none":
        return ["The weights were trained from scratch.", yours]
    if start == "imagenet":
        return [
            f"The weights start from torchvision's of {card.architecture}, which were trained on ImageNet. Its "
            "pictures may be used for research and education that are not commercial; whether that binds weights is "
            "not settled.",
            yours,
        ]
    return [f"The weights start from {start}, whose licence goes on to hold.", yours]
