"""The study's warnings as the page shows them, by kind."""

from collections.abc import Iterable
from typing import Any

from earshot.evaluation.warnings import Kind, StudyWarning
from earshot.report.wording import unbroken

# A kind's title, and whether it puts results in doubt or says how to read them. In the order of the page.
KINDS: dict[Kind, tuple[str, bool]] = {
    "leak": ("A leak between training and test", True),
    "watched": ("A test part that was watched in training", True),
    "groups": ("Few groups in the test part", True),
    "run": ("A run that fell out of line", True),
    "guessing": ("Not shown to be better than guessing", True),
    "retention": ("What the sound keeps cannot be told", True),
    "copies": ("Copies of test items in training", True),
    "shared_source": ("Test items that share a source with training items", True),
    "shortcut": ("A shortcut to the classes", True),
    "labels": ("Labels that seem to be wrong", True),
    "contents": ("One content with two labels", True),
    "beyond": ("Much that no model sees", True),
    "silent": ("Clips that are silent", True),
    "listeners": ("Listeners who are left out", False),
    "maps": ("Maps to be read with care", False),
}


def by_kind(warnings: Iterable[StudyWarning]) -> list[dict[str, Any]]:
    """`title, grave, warnings` of each kind that has any; `warnings` are sentences."""
    sentences: dict[str, list[str]] = {}
    for warning in warnings:
        sentences.setdefault(warning.kind, []).append(unbroken(warning.sentence()))
    return [
        {"title": title, "grave": grave, "warnings": sentences[kind]}
        for kind, (title, grave) in KINDS.items()
        if kind in sentences
    ]


def about_maps(models: Iterable[dict[str, Any]]) -> list[StudyWarning]:
    """The doubts about the models' maps.

    models : as earshot.report.models.describe gives each
    """
    return [
        StudyWarning("maps", int(model["subset"]), model["view"], model["model"], doubt)
        for model in models
        for doubt in model["doubts"]
    ]
