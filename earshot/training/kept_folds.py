"""The results of folds that are trained, each a JSON file in `.checkpoints/cv`: `epochs` and the `predictions`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = "cv"  # in `.checkpoints`


def read(file: Path) -> dict[str, Any] | None:
    """A kept result, None where there is none or it is damaged."""
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content


def check(content: Any, classes: Sequence[str]) -> None:
    """Raise ValueError where this is no result of a fold with these classes."""
    if not isinstance(content, dict) or content.keys() != {"epochs", "predictions"}:
        raise ValueError("it holds something else than epochs and predictions")
    columns = content["predictions"]
    if not isinstance(columns, dict) or list(columns) != ["id", "label", "predicted", *classes]:
        raise ValueError("its predictions have other columns")
    if len({len(column) for column in columns.values() if isinstance(column, list)}) != 1:
        raise ValueError("the columns of its predictions differ in length")
    if not isinstance(content["epochs"], int):
        raise ValueError(f"it was trained for {content['epochs']!r} epochs")
