"""What `.checkpoints` keeps of models and views that the study has no more."""

from collections.abc import Collection, Iterable
from itertools import product

from earshot.config.base import View
from earshot.config.views import VIEWS
from earshot.core.io import remove
from earshot.core.paths import CHECKPOINTS
from earshot.store.kept_outputs import forget_users


def forget_cells(subsets: Iterable[int], views: Collection[View], models: Collection[str]) -> None:
    """Remove all that is kept of other cells than those of the study: runs, frozen backbones and their outputs,
    features.
    """
    cells = {"-".join(map(str, cell)) for cell in product(subsets, views, models)} | {"cv"}
    read = {VIEWS[view].source for view in views}
    remove(*(folder for folder in (CHECKPOINTS / "runs").glob("*") if folder.name not in cells))
    remove(*(file for file in (CHECKPOINTS / "backbones").glob("*") if file.stem not in models))
    forget_users(cells)
    for folder in (CHECKPOINTS / "shards").glob("featurize-*/"):
        if folder.name.removeprefix("featurize-") not in read:
            remove(folder)
