"""The cell of a stage's matrix: the one view or the one model that a process is for."""

from typing import NamedTuple, get_args

from earshot.config.base import View
from earshot.core.errors import EarshotError
from earshot.core.process import cell_values


class ModelCell(NamedTuple):
    """A model of the study: the number of its classes, what it sees, and its name in the zoo."""

    subset: int
    view: View
    model: str

    @property
    def name(self) -> str:
        """As `.checkpoints` knows it: `10-sound-cnn`."""
        return "-".join(map(str, self))


def model_cell() -> ModelCell:
    """The cell that this process is for, as in `python -m stages.train 10 sound cnn`."""
    views: dict[str, View] = {view: view for view in get_args(View)}
    match cell_values():
        case [subset, view, model] if subset.isdecimal() and view in views:
            return ModelCell(int(subset), views[view], model)
    raise EarshotError(
        f"{' '.join(cell_values()) or 'nothing'}: wanted are a number of classes, a view ({', '.join(views)}) and a "
        "model of the zoo, as in: 10 sound cnn"
    )


def view_cell() -> View:
    """The view that this process is for, as in `python -m stages.featurize sound`."""
    views: dict[str, View] = {view: view for view in get_args(View)}
    match cell_values():
        case [view] if view in views:
            return views[view]
    raise EarshotError(f"{' '.join(cell_values()) or 'nothing'}: wanted is a view, one of {', '.join(views)}")
