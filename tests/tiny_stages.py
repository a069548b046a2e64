"""Run tiny studies of pictures and of sounds in this process, stage by stage, and print a hash of each output.

python -m tests.tiny_stages FOLDER
"""

import hashlib
import json
import os
import sys
from itertools import product
from pathlib import Path

import numpy as np

from tests import study
from tests.items import write_sound

SOUNDS = {
    "subsets": [2],
    "views": ["sound"],
    "models": ["cnn"],
    "epochs": 2,
    "dataset.kind": "sounds",
    "dataset.path": "sounds",
    "dataset.shard_size": 20,
    "features.frames": 20,
    "augment.copies": 1,
    "augment.noise_snr_db": [5.0, 20.0],
    "augment.pitch_semitones": [-2.0, 2.0],
    "augment.stretch": [0.8, 1.25],
    "zoo.cnn": {"width": 2, "dense": 8},
}
PICTURES = study.TINY | {"sonify.band_hz": [300.0, 3400.0], "sonify.noise_snr_db": 30.0}
KINDS = {
    "pictures": PICTURES,
    "log_mel": SOUNDS,
    "stft": SOUNDS | {"features.kind": "stft", "features.n_fft": 256},
    "mfcc": SOUNDS | {"features.kind": "mfcc"},
}
DATA = ("index", "eda", "describe", "balance", "split", "examine", "sonify", "augment")
MODELS = ("train", "evaluate", "gradcam")
OUTPUTS = ("data", "metrics", "models", "plots")


def run_study(folder: Path, kind: str) -> dict[str, str]:
    """The hash of each output of a study in this folder, by its path."""
    settings = KINDS[kind]
    folder.mkdir(parents=True)
    os.chdir(folder)
    study.write_params(folder, **settings)
    if kind == "pictures":
        study.write_pictures(folder, per_class=20)
    else:
        for place, label in enumerate("ab"):
            for number in range(20):
                rng = np.random.default_rng(100 * place + number)
                write_sound(folder / "sounds" / label / f"{number}.wav", rng, 4000 + 7 * number)
    call("check")
    for stage in DATA:
        call(stage)
    for view in settings["views"]:
        call("featurize", view)
    if kind in ("pictures", "log_mel"):
        call("cv")
        for stage in MODELS:
            for cell in product(settings["subsets"], settings["views"], settings["models"]):
                call(stage, *cell)
        if kind == "pictures":
            for name in settings["models"]:
                call("transfer", 2, name)
        call("compare")
    files = [path for output in OUTPUTS for path in sorted(Path(output).rglob("*")) if path.is_file()]
    return {f"{kind}/{path}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def call(name: str, *arguments) -> None:
    """Run a stage, imported when it is first needed, as a process of its own would."""
    study.call(__import__(f"stages.{name}", fromlist=["main"]), *arguments)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    print(
        json.dumps({name: value for kind in KINDS for name, value in run_study(folder / kind, kind).items()})
    )
