"""Made-up studies for the report: real stages on a few items, and models that learned nothing."""

from contextlib import contextmanager
from functools import partial
from itertools import product
from unittest import mock

import joblib
import numpy as np
import pytest

from earshot.config.inputs import read_input
from earshot.config.load import load
from earshot.core import paths
from earshot.core.classes import subset_classes
from earshot.core.io import read_table, write_bytes
from earshot.explanation import explain_part, sheets
from earshot.models import saved
from earshot.models.build import build_model, parameter_count
from earshot.models.card import RunFacts
from earshot.models.normalization import Normalized
from earshot.models.outputs import outputs_of
from earshot.models.validate import validate
from earshot.reading.sounds import read_sound, write_wav
from earshot.training.calibration import calibrate
from earshot.training.data import read_model_data
from stages import (
    augment,
    balance,
    compare,
    compare_maps,
    cv,
    describe,
    eda,
    evaluate,
    examine,
    featurize,
    gradcam,
    index,
    sonify,
    split,
    transfer,
)
from tests.items import write_picture, write_sound, write_spectrogram
from tests.models.cards import a_card
from tests.study import call, write_params

HOSTILE = [
    "</script><script>document.title='hacked'</script>",
    "<img src=x onerror=document.title='hacked'>",
    "c & d",
]
EACH = 20
RUNS = 3  # of the study of pictures; the others have one
SMALL = {
    "runs": 1,
    "zoo.cnn": {"width": 2, "dense": 8},
    "gradcam.per_class": 2,
    "gradcam.checked": 4,
    "gradcam.steps": 4,
    "models": ["cnn"],
}
PICTURES = {
    **SMALL,
    **{
        "runs": RUNS,
        "subsets": [2, 3],
        "views": ["sound", "picture", "colour", "shuffled"],
        "dataset.path": "pictures",
    },
    **{"dataset.labels": "labels.csv", "sonify.rows": 16, "sonify.columns": 12, "sonify.iterations": 2},
    **{"sonify.n_fft": None, "sonify.hop_length": None},
}
SOUNDS = {
    **SMALL,
    **{"subsets": [2], "views": ["sound", "shuffled"], "dataset.kind": "sounds", "dataset.path": "sounds"},
    **{"features.sample_rate": 8000, "features.n_fft": 256, "features.hop_length": 64, "features.n_mels": 8},
    **{"features.clip_s": 0.1, "features.kind": "log_mel"},
}


SPECTROGRAMS = {
    **SMALL,
    **{"subsets": [2], "views": ["sound"], "dataset.kind": "spectrograms", "dataset.path": "arrays"},
}


@contextmanager
def working_in(folder):
    """The folder as the working directory, and shards one after the other in this process."""
    with pytest.MonkeyPatch.context() as patch, joblib.parallel_config("sequential"):
        patch.chdir(folder)
        yield


def pictures(folder):
    """A study of sonified pictures whose class names would break a careless page."""
    rng = np.random.default_rng(0)
    lines = ["path,label"]
    for place, number in product(range(len(HOSTILE)), range(EACH)):
        path = folder / "pictures" / f"{place}_{number:02}.png"
        write_picture(path, rng, (16, 12, 3))
        lines.append(f'{path.name},"{HOSTILE[place]}"')
    (folder / "pictures" / "labels.csv").write_text("\n".join(lines))
    run(folder, PICTURES)


def sounds(folder):
    """A study of recordings of 0.3 s, three clips each, of which the last of one is silent."""
    for place, label in enumerate("ab"):
        for number in range(EACH):
            rng = np.random.default_rng(EACH * place + number)
            write_sound(folder / "sounds" / label / f"{number}.wav", rng, 2400)
    padded, _ = read_sound(folder / "sounds" / "a" / "0.wav", name="a/0")
    padded[1600:] = 0
    write_bytes(folder / "sounds" / "a" / "0.wav", write_wav(padded, 8000))
    run(folder, SOUNDS)


def spectrograms(folder):
    """A study of ready spectrograms, which have no sound."""
    for place, label in enumerate("ab"):
        for number in range(EACH):
            rng = np.random.default_rng(EACH * place + number)
            write_spectrogram(folder / "arrays" / label / f"{number}.npy", rng, (10, 24))
    run(folder, SPECTROGRAMS)


def run(folder, changes):
    """Every stage but train and report, in the working directory that the folder is."""
    write_params(folder, **changes)
    for stage in (index, eda, describe, balance, split, examine, sonify, augment):
        stage.main()
    params = validate(load())
    for view in params.views:
        call(featurize, view)
    cv.main()
    for model in product(params.subsets, params.views, params.models):
        untrained(params, *model)
        call(evaluate, *model)
        # networks that learned nothing have maps no better than chance; those of two views are drawn all the same
        with (
            mock.patch.object(explain_part, "DRAWN", 3.0 if model[1] == "shuffled" else -3.0),
            mock.patch.object(sheets, "sheet", return_value=b""),  # whose PNGs the report does not read
        ):
            call(gradcam, *model)
    for stage in (compare_maps, transfer, compare):
        stage.main()


def untrained(params, subset, view, name):
    """What the stage train leaves, of a model as it is built and of curves that were made up."""
    parts = read_table(paths.SPLIT)
    classes = subset_classes(parts["label"], subset=subset, classes=params.dataset.classes, reject=None)
    settings = params.zoo[name]
    shape = np.load(paths.shard_file(paths.features(view), 0, "npy")).shape[1:]
    build = partial(build_model, name, input_shape=shape, outputs=outputs_of(len(classes)), **settings)
    models = [Normalized(build(seed=2 + run)) for run in range(1, params.runs + 1)]
    facts = [RunFacts(epoch=2, epochs_trained=2 + run) for run in range(1, params.runs + 1)]
    card = a_card(
        name,
        settings=settings,
        classes=classes,
        view=view,
        runs=facts,
        input_shape=shape,
        model_input=read_input(paths.features(view) / "settings.json"),
        parameters=parameter_count(models[0]),
    )
    folder = paths.model(subset, view, name)
    saved.save(folder, models, card)
    data = read_model_data(parts, view=view, classes=classes)
    calibrate(folder, data, name=f"{subset}-{view}-{name}", seed=params.seed)
    everything = product(enumerate(facts, 1), ("train", "val"), ("loss", "accuracy", "macro_f1"))
    for (run, about), part, measure in everything:
        rows = "\n".join(f"{epoch}\t{1 / (epoch + run)}" for epoch in range(1, about.epochs_trained + 1))
        folder = paths.curves(subset, view, name, run) / part
        write_bytes(folder / f"{measure}.tsv", f"step\t{measure}\n{rows}\n".encode())
