"""All of params.yaml checked before anything runs, the blocks of the zoo included."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from earshot.config.load import problem
from earshot.config.study import Study, parse_study
from earshot.config.views import is_embedded
from earshot.core import paths
from earshot.core.errors import EarshotError, list_problems
from earshot.models.registry import model_settings, takes_vectors, vector_models


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
        problems += _unfit(study)
    if problems or study is None:
        raise list_problems(f"{source} has settings that cannot be used:", problems)
    return study


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
