"""The files of pretrained weights that params.yaml names, and a hash of what is in them."""

import hashlib
import os
from pathlib import Path

from earshot.config.study import Study
from earshot.core import paths
from earshot.core.errors import list_problems

BY_NAME = ("none", "imagenet")  # the file of `imagenet` has its hash in its name


def weight_hashes(study: Study) -> dict[str, dict[str, str]]:
    """From each model of the zoo to the files that its `weights` may name, with their SHA-256.

    A change of a file then retrains the models that start from it, and no others.

    Raises EarshotError that lists every file that is missing, or lies where no stage depends on it.
    """
    hashes: dict[str, dict[str, str]] = {}
    problems = []
    for model, named in _named(study).items():
        hashes[model] = {}
        for key, path in named:
            # by its name too: a worker that does not share this folder finds the file under that name in its own
            named_inside = Path(os.path.normpath(path)).is_relative_to(paths.WEIGHTS)
            inside = named_inside and Path(path).parent.resolve().is_relative_to(paths.WEIGHTS.resolve())
            if not inside or not Path(path).is_file():
                fault = "there is no such file" if inside else f"it does not lie in {paths.WEIGHTS}/"
                if not named_inside and Path(path).resolve().is_relative_to(paths.WEIGHTS.resolve()):
                    fault = f"name it from the repository's folder on, {paths.WEIGHTS}/…"
                problems.append(f"{key}: {path}: {fault}")
                continue
            with Path(path).open("rb") as file:
                hashes[model][path] = hashlib.file_digest(file, "sha256").hexdigest()
    if problems:
        raise list_problems(
            f"Files of weights belong into {paths.WEIGHTS}/, so that another content trains the models again; "
            "or write imagenet or none:",
            problems,
        )
    return hashes


def _named(study: Study) -> dict[str, list[tuple[str, str]]]:
    """The settings of each model that name files: (key, path)."""
    named = {model: [(f"zoo.{model}.weights", block.get("weights"))] for model, block in study.zoo.items()}
    named[study.cv.model] += [("cv.grid.weights", value) for value in study.cv.grid.get("weights", [])]
    return {
        model: [(key, value) for key, value in settings if isinstance(value, str) and value not in BY_NAME]
        for model, settings in named.items()
    }
