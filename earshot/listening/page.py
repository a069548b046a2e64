"""The page on which a person listens: one file that asks for nothing else, and saves what was answered."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import pandas as pd

from earshot.config.inputs import ModelInput, PicturesInput
from earshot.core.io import records
from earshot.listening.answers import FORMAT, code_of, page_id
from earshot.listening.sounds import is_shortened, wav_of
from earshot.report.media import sound_uri
from earshot.report.pages import hashes, island, script_of, templates

SIGNS = "1234567890abcdefghijklmnoqrstuvwxyz"  # keys for classes; P plays the sound again


def page(
    training: pd.DataFrame,
    test: pd.DataFrame,
    *,
    subset: int,
    classes: Sequence[str],
    model_input: ModelInput,
    settings: Mapping[str, Any],
) -> str:
    """The page as text.

    training, test : rows of data/balanced.csv, those that are told and those that are asked
    classes : of the subset, in their order
    settings : what the sounds hang on, as `earshot.listening.answers` takes it

    Nothing on it tells the classes of the test items: they go by codes, and stand in the order of these.
    """
    own = records(test)
    name = page_id(test, settings)
    asked = [{"id": code_of(name, row["id"]), "sound": sound_uri(wav_of(row, model_input))} for row in own]
    data = {
        "format": FORMAT,
        "page": name,
        "subset": subset,
        "shortened": sum(is_shortened(row, model_input) for row in own),
        "classes": [{"name": name, "key": key} for name, key in zip(classes, keys(classes), strict=True)],
        "training": [
            {"sound": sound_uri(wav_of(row, model_input)), "label": row["label"]} for row in records(training)
        ],
        "test": sorted(asked, key=itemgetter("id")),
    }
    loud = ""  # what of a picture is loud
    if isinstance(model_input, PicturesInput):
        loud = "dark" if model_input.sonify.invert else "bright"
    environment = templates("earshot.listening", "earshot.report")
    script = script_of(environment, ("dom.js", "listen.js"))
    return environment.get_template("listen.html").render(
        loud=loud,
        training=len(training),
        test=len(test),
        data=island(data),
        script=script,
        policy=f"default-src 'none'; script-src {hashes(script)}; style-src 'unsafe-inline'; "
        "img-src data:; media-src data:",
    )


def keys(classes: Sequence[str]) -> list[str]:
    """The key that names each class: its own name where all are single letters or digits, else digits, then letters.

    It is empty where keys run out: the class has a button all the same.
    """
    names = [name.lower() for name in classes]
    if set(names) <= set(SIGNS) and len(set(names)) == len(names):
        return names
    return [SIGNS[place] if place < len(SIGNS) else "" for place in range(len(classes))]
