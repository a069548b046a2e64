"""All of params.yaml: every block, and what the blocks ask of each other."""

import difflib
from pathlib import PurePath
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from earshot.config.augment import Augment
from earshot.config.balance import Balance
from earshot.config.base import Count, Models, Name, Natural, Subsets, Views
from earshot.config.cv import CrossValidation
from earshot.config.dataset import Dataset
from earshot.config.embedding import Embedding
from earshot.config.features import Features
from earshot.config.gradcam import GradCam
from earshot.config.load import problem
from earshot.config.sonify import Sonify
from earshot.config.split import Split
from earshot.config.train import TopLevel, TrainBlock
from earshot.config.views import VIEWS
from earshot.core import paths


class StudySettings(TopLevel):
    """All of params.yaml that makes one study, but for what is inside a block of the zoo, which the models know."""

    seed: Natural = 42
    runs: Count = 1
    subsets: Subsets
    views: Views
    models: Models
    dataset: Dataset
    balance: Balance
    split: Split
    sonify: Sonify
    features: Features
    embedding: Embedding = Embedding()
    augment: Augment = Augment()
    train: TrainBlock
    zoo: dict[Name, dict[str, Any]]
    gradcam: GradCam = GradCam()
    cv: CrossValidation = CrossValidation()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for view in self.views:
            if self.dataset.kind not in (kinds := VIEWS[view].kinds):
                raise ValueError(
                    f"views: {view!r} needs dataset.kind: {' or '.join(kinds)}, found {self.dataset.kind}"
                )
        if "embedding" in self.views and self.embedding.model is None:
            raise ValueError(
                "embedding.model: views has 'embedding', which hears through a pretrained model; name its file, "
                f"{paths.WEIGHTS}/NAME.onnx or .tflite (docs/pretrained.md)"
            )
        if self.features.colour and self.dataset.kind != "spectrograms":
            instead = "; pictures have the view colour" if self.dataset.kind == "pictures" else ""
            raise ValueError(
                f"features.colour: is for drawn spectrograms, dataset.kind: spectrograms, found "
                f"{self.dataset.kind}{instead}"
            )
        if missing := [name for name in self.models if name not in self.zoo]:
            raise ValueError(f"models: {_not_in_zoo(missing, list(self.zoo))}")
        return self

    @model_validator(mode="after")
    def _says_of_samples(self) -> Self:
        if "samples" not in self.dataset.model_fields_set:  # which dvc.yaml cannot do without
            raise ValueError(
                f"dataset.samples: missing; [] for data of your own, [digits] for a study of {paths.DIGITS}"
            )
        if PurePath(self.dataset.path) == paths.DIGITS and not self.dataset.samples:
            raise ValueError(f"dataset.samples: nothing writes {paths.DIGITS}, the data set; set [digits]")
        return self

    @model_validator(mode="after")
    def _can_cross_validate(self) -> Self:
        cv = self.cv
        if cv.model not in self.zoo:
            raise ValueError(f"cv.model: {_not_in_zoo([cv.model], list(self.zoo))}")
        if cv.folds is not None and cv.view not in self.views:
            raise ValueError(f"cv.view: {cv.view!r} has no features; add it to views, {self.views}")
        if cv.folds is not None and cv.subset > max(self.subsets):
            raise ValueError(
                f"cv.subset: {cv.subset} is more classes than the data keeps, see subsets, {self.subsets}"
            )
        if not self.train.from_cv:
            return self
        if cv.folds is None:
            raise ValueError(
                "train.from_cv: there is no cross-validation to take settings from; set cv.folds"
            )
        if cv.parts != "development":
            raise ValueError(
                "train.from_cv: cv.parts: all chooses the settings on the items that test them; use development"
            )
        if cv.model not in self.models:
            raise ValueError(f"train.from_cv: cv.model {cv.model!r} is not one of models, {self.models}")
        return self


class Study(StudySettings):
    """The whole of params.yaml: a study, and the values that a sweep gives single settings of it."""

    sweep: dict[str, Annotated[list[Any], Field(min_length=1)]] = Field(default_factory=dict)


def _not_in_zoo(missing: list[str], zoo: list[str]) -> str:
    """That models have no block, and what to do: correct the name that is nearly another's, or add a block."""
    near = difflib.get_close_matches(missing[0], zoo, n=1)
    mend = f"did you mean {near[0]}? If not, add" if near else "add"
    has = "has" if len(missing) == 1 else "have"
    return f"{', '.join(missing)} {has} no block in zoo; {mend} `{missing[0]}: {{}}` under zoo:"


def parse_study(content: dict[str, Any]) -> tuple[Study | None, list[str]]:
    """The settings as a Study, and a line for each fault: an unknown key, a wrong type, an impossible value.

    content : as `load.load` gives it
    The study is None where there are faults.
    """
    try:
        return Study.model_validate(content), []
    except ValidationError as error:
        return None, [problem(fault, Study) for fault in error.errors()]
