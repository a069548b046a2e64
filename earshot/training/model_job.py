"""The runs of a model as a job for a cluster."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from earshot.config.base import View
from earshot.config.inputs import ModelInput, read_input
from earshot.config.train import ModelParams
from earshot.core import instructions, paths
from earshot.core.io import read_table, remove
from earshot.training.jobs import alone, check_hardware, hardware_of, sealed
from earshot.training.kept_runs import KeptRuns
from earshot.training.recipe import Recipe, recipe_of

if TYPE_CHECKING:
    from earshot.training.data import ModelData


@dataclass(frozen=True)
class Place:
    """Where the runs of a model are kept, and the hardware that this name holds for."""

    identity: Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]
    hardware: str


@dataclass(frozen=True)
class ModelJob:
    """All that the runs of a model hang on but for their numbers and the data.

    params, from_cv : what params.yaml says of the model, and what cross-validation has chosen in its place
    cell : the model's name in the study, `10-sound-cnn`
    seed : the study's
    is_shared : whether a worker's folder is the study's, where what it has trained stays
    """

    params: ModelParams
    from_cv: dict[str, Any]
    cell: str
    view: View
    classes: list[str]
    seed: int
    is_shared: bool

    @cached_property
    def recipe(self) -> Recipe:
        """Importing the model, which says what settings it has, imports torch."""
        return recipe_of(self.params, self.from_cv)

    def input(self) -> ModelInput:
        """How the arrays were made."""
        return read_input(paths.features(self.view) / "settings.json")

    def data(self) -> "ModelData":
        from earshot.training.data import read_model_data

        instructions.choose(self.recipe.trainer.repeatable)
        return read_model_data(read_table(paths.SPLIT), view=self.view, classes=self.classes)

    def kept_runs(self, identity: str) -> KeptRuns:
        return KeptRuns(paths.CHECKPOINTS, self.cell, identity)


def name_runs(job: ModelJob) -> bytes:
    """Where the runs of a model are kept that this worker would train: a Place, and the backbone that they share."""
    from earshot.training.runs import start_of

    name, backbone = start_of(job.recipe, job.data(), seed=job.seed)
    return sealed(json.dumps(asdict(Place(name, hardware_of(job.recipe)))).encode(), backbone)


def train_run(job: ModelJob, place: Place, run: int) -> bytes:
    """Train one run, or take over what is kept of it: a TrainedRun and its files of weights.

    Raises EarshotError on other hardware than the place is for.
    """
    from earshot.store.kept_outputs import KeptOutputs
    from earshot.training import runs

    data, kept_runs = job.data(), job.kept_runs(place.identity)
    check_hardware(job.recipe, place.hardware)
    with alone(kept_runs.folder / f"run_{run}.lock"):
        if (trained := kept_runs.read(run)) is None:
            frozen_outputs = KeptOutputs(job.cell, folder=paths.CHECKPOINTS / "frozen")
            trained, _ = runs.train_run(
                job.recipe, data, run=run, seed=job.seed, kept_runs=kept_runs, frozen_outputs=frozen_outputs
            )
            frozen_outputs.forget_others()
        files = {path.name: path.read_bytes() for path in sorted(kept_runs.of(run).glob("*.safetensors"))}
    if not job.is_shared:
        remove(kept_runs.of(run))
    sizes = {name: len(content) for name, content in files.items()}
    return sealed(json.dumps({"trained": asdict(trained), "files": sizes}).encode(), *files.values())
