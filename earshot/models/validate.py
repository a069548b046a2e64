"""All of params.yaml checked before anything runs, the blocks of the zoo included."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from earshot.config.load import problem
from earshot.config.study import Study, parse_study
from earshot.core import paths
from earshot.core.errors import EarshotError, list_problems
from earshot.models.registry import model_settings


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
