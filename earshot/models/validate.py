"""All of params.yaml checked before anything runs, the blocks of the zoo included."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from earshot.config.load import problem
from earshot.config.study import Study, parse_study
from earshot.config.views import is_embedded
from earshot.core import paths
from earshot.core.errors import EarshotError, list_problems
from earshot.models.registry import (
    colour_models,
    model_settings,
    takes_colour,
    takes_vectors,
    vector_models,
)


def validate(content: dict[str, Any], *, source: Path | str = paths.PARAMS) -> Study:
    """All of params.yaml, the blocks of the zoo included.

    content : as `config.load.load` gives it
    source : what errors call it

    Raises EarshotError that lists every unknown key, wrong type and impossible value with its path.
    """
    study, problems = parse_study(content)
    blocks = content.get("zoo")
    for name, block in blocks.items() if isinstance(blocks, dict) else ():
        problems += _block_problems(name, block)
    if study is not None and not problems:
        problems += _unfit(study) + _colour_problems(study)
    if problems or study is None:
        raise list_problems(f"{source} has settings that cannot be used:", problems)
    return study


def _colour_problems(study: Study) -> list[str]:
    """What keeps the study's models from seeing colours that its settings ask for."""
    if not ("colour" in study.views or study.features.colour):
        return []
    source = "the view colour" if "colour" in study.views else "features.colour: true"
    cv = study.cv
    is_cross_validated = cv.folds is not None and (cv.view == "colour" or study.features.colour)
    named = [("models", name) for name in study.models] + [("cv.model", cv.model)] * is_cross_validated
    problems = [
        f"{key}: {name} takes no colour, and the arrays of {source} have red, green and blue; those of "
        f"{', '.join(colour_models())} and of torchvision do"
        for key, name in named
        if not takes_colour(name)
    ]
    if "colour" in study.views:
        if True in cv.grid.get("grayscale", []) and (cv.view == "colour" or study.train.from_cv):
            problems.append(
                "cv.grid.grayscale: true makes the view colour grey; leave it out, or take colour out of views"
            )
        problems += [
            f"zoo.{name}.grayscale: true makes the view colour grey; set grayscale: false, for all views of the study"
            for name in study.models
            if getattr(model_settings(name).model_validate(study.zoo[name]), "grayscale", False)
        ]
    return problems


def _block_problems(name: str, block: object) -> list[str]:
    try:
        schema = model_settings(name)
        schema.model_validate(block)
    except ValidationError as error:
        return [problem(fault, schema, "zoo", name) for fault in error.errors()]
    except EarshotError as error:
        return [f"zoo.{name}: {error}"]
    return []


def _unfit(study: Study) -> list[str]:
    """The models that fit no view, and the one that is cross-validated on a view that it does not fit."""
    embedded = {view for view in study.views if is_embedded(view, study.views)}
    named = [("models", name) for name in study.models] if embedded == set(study.views) else []
    named += (
        [("cv.model", study.cv.model)] if study.cv.folds is not None and study.cv.view in embedded else []
    )
    return [
        f"{key}: {name} looks at what lies side by side, and the dimensions of an embedding have no order; those that "
        f"fit are {', '.join(vector_models())}"
        for key, name in named
        if not takes_vectors(name)
    ]
