"""Results of models that the study does not have, as they lie there after subsets, views or models were other ones.

Git would keep them as if they were the study's, and DVC hash them with what `compare` and `report` read.
"""

import logging
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import get_args

from earshot.config.base import Models, Subsets, View, Views
from earshot.config.load import StageParams
from earshot.core import paths
from earshot.core.io import remove

log = logging.getLogger("earshot")


class Cells(StageParams):
    """Which models the study has."""

    subsets: Subsets
    views: Views
    models: Models

    @property
    def transferred(self) -> list[tuple[int, str]]:
        """The subset and the name of each picture model that is asked about what comes back from the sound."""
        return list(product(self.subsets, self.models)) if {"sound", "picture"} <= set(self.views) else []


def remove_other_results(study: Cells) -> None:
    """Remove what no model of the study has left."""
    names = set()
    for name, path in other_results(study):
        names.add(name)
        remove(path)
        for folder in path.parents[:2]:
            if folder not in paths.RESULTS and not any(folder.iterdir()):
                folder.rmdir()
    if names:
        log.info("removed the results of what is not in the study: %s", ", ".join(sorted(names)))


def warn_of_other_results(study: Cells) -> None:
    """Name what DVC hashes with the study's results though it is none of them."""
    if names := sorted({name for name, _ in other_results(study)}):
        log.warning(
            "%s: not in the study, and dvc.lock counts what is there of them; `make repro` removes it",
            ", ".join(names),
        )


def other_results(study: Cells) -> Iterator[tuple[str, Path]]:
    """What lies in the places of results and is none of the study's, each with the name of its model or view."""
    models = {(str(subset), *rest) for subset, *rest in product(study.subsets, study.views, study.models)}
    for folder in paths.RESULTS:
        for path in sorted(folder.glob("[0-9]*/*/[A-Za-z]*")):
            subset, view, name = *path.parts[-3:-1], path.name.partition(".")[0]
            if view in get_args(View) and (subset, view, name) not in models:
                yield f"{subset}-{view}-{name}", path
    for view in set(get_args(View)) - set(study.views):
        if (folder := paths.features(view)).is_dir():
            yield view, folder
