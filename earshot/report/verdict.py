"""The verdict's sentences, and its warnings by kind."""

from earshot.core import paths
from earshot.core.errors import EarshotError

# A kind's title, the words that its warnings hold, and whether it puts a result in doubt or only says its limits.
KINDS = (
    (
        "A leak between training and test",
        ("although its training labels are shuffled", "look at the split"),
        True,
    ),
    ("A test part that was watched in training", ("test part was watched",), True),
    ("Few groups in the test part", ("groups only", "of one group"), True),
    ("Not shown to be better than guessing", ("not shown to be better",), True),
    ("What the sound keeps cannot be told", ("retention",), True),
    ("Differences that are not significant", ("not significant",), False),
)
OTHER = ("Other warnings", (), True)


def read():
    """metrics/verdict.md as its sentences and its warnings, lists of str."""
    text = paths.VERDICT.read_text(encoding="utf-8")
    lines = text.replace(" %", "\N{NO-BREAK SPACE}%").splitlines()
    sentences = [line for line in lines if line and not line.startswith(("#", "- "))]
    if not sentences:
        raise EarshotError(f"{paths.VERDICT} holds no verdict; run `dvc repro compare`")
    return sentences, [line.removeprefix("- ") for line in lines if line.startswith("- ")]


def by_kind(warnings):
    """The warnings under their kinds: a list of `title, grave, warnings`, the grave kinds first."""
    found = {}
    for warning in warnings:
        kind = next((kind for kind in KINDS if any(words in warning for words in kind[1])), OTHER)
        found.setdefault(kind, []).append(warning)
    order = sorted(found, key=(*KINDS[:-1], OTHER, KINDS[-1]).index)
    return [
        {"title": title, "grave": grave, "warnings": found[title, words, grave]}
        for title, words, grave in order
    ]


def about_maps(models):
    """The doubts about the models' maps as one kind of warning, in a list; empty where there are none.

    models : list of dicts of report.models.told
    """
    doubts = [
        f"subset {model['subset']}: {model['model']} on {model['view']}: {doubt}"
        for model in models
        for doubt in model["doubts"]
    ]
    return [{"title": "Maps to be read with care", "grave": False, "warnings": doubts}] if doubts else []
