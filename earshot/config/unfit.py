"""Cells of the matrix subset × view × model whose model does not fit what the view shows, and so is not trained.

DVC's matrix cannot leave a cell out: the stages of such a cell write outputs that say so, and whoever gathers results
asks `fitting` for the cells that have any.
"""

from collections.abc import Iterable, Sequence
from itertools import product

from earshot.config.base import View
from earshot.config.cell import ModelCell
from earshot.config.declared import outputs
from earshot.core import paths
from earshot.core.io import remove, write_bytes

MARK = "does_not_fit"
UNFIT = f"{MARK}\n".encode()  # the content of a table or of a folder's one file


def fitting(subsets: Iterable[int], views: Sequence[View], models: Sequence[str]) -> list[ModelCell]:
    """The cells that a model was trained for, in the order of params.yaml."""
    cells = [ModelCell(*cell) for cell in product(subsets, views, models)]
    return [cell for cell in cells if not is_unfit(cell)]


def is_unfit(cell: ModelCell) -> bool:
    """Whether the stage train has left the cell out."""
    return (paths.model(*cell) / MARK).is_file()


def leave_out(stage: str) -> None:
    """Write outputs of a stage's cell that say that there is nothing to train, to score or to explain."""
    for path in outputs(stage):
        remove(path)
        if path.suffix == ".json":
            write_bytes(path, f'{{"{MARK}": 1}}\n'.encode())
        else:
            write_bytes(path if path.suffix else path / MARK, UNFIT)
