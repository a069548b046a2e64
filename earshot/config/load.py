"""params.yaml, read and validated in one place."""

import copy
import difflib
from types import SimpleNamespace
from typing import Annotated

from pydantic import Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from earshot.config.schema import (
    Augment,
    Balance,
    Count,
    CrossValidation,
    Dataset,
    Features,
    GradCam,
    Name,
    Natural,
    Sonify,
    Split,
    TopLevel,
    TrainBlock,
    View,
)
from earshot.core import paths
from earshot.core.errors import EarshotError, list_problems
from earshot.models import registry


class Params(TopLevel):
    """The whole of params.yaml."""

    seed: Natural = 42
    subsets: list[Count] = Field(min_length=1)
    views: list[View] = Field(min_length=1)
    models: list[Name] = Field(min_length=1)
    dataset: Dataset
    balance: Balance
    split: Split
    sonify: Sonify
    features: Features
    augment: Augment = Augment()
    train: TrainBlock
    zoo: dict[Name, dict]
    gradcam: GradCam = GradCam()
    cv: CrossValidation = CrossValidation()
    sweep: dict[str, Annotated[list, Field(min_length=1)]] = Field(default_factory=dict)

    @field_validator("subsets")
    @classmethod
    def _at_least_two(cls, subsets):
        if min(subsets) < 2:
            raise ValueError(f"{min(subsets)} class(es) leave nothing to tell apart; 2 is the least")
        return subsets

    @field_validator("subsets", "views", "models")
    @classmethod
    def _no_repeats(cls, values):
        if len(set(values)) < len(values):
            raise ValueError(f"{values} names something twice")
        return values

    @model_validator(mode="after")
    def _fits_together(self):
        if "picture" in self.views and self.dataset.kind != "pictures":
            raise ValueError(f"views: 'picture' needs dataset.kind: pictures, found {self.dataset.kind}")
        if missing := [name for name in self.models if name not in self.zoo]:
            raise ValueError(f"models: {missing} have no block in zoo; add `{missing[0]}: {{}}` under zoo:")
        return self

    @model_validator(mode="after")
    def _can_cross_validate(self):
        cv = self.cv
        if cv.model not in self.zoo:
            raise ValueError(f"cv.model: {cv.model!r} has no block in zoo; it has {', '.join(self.zoo)}")
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


def load(path=paths.PARAMS):
    """params.yaml as a dict. YAML 1.2, in which `1e-05`, as DVC writes it, is a number."""
    try:
        content = YAML(typ="safe", pure=True).load(path)
    except FileNotFoundError:
        raise EarshotError(
            f"{path} is missing; run from the repository's root, or copy one from presets/"
        ) from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise EarshotError(f"{path} cannot be read as YAML: {error}") from None
    if not isinstance(content, dict):
        raise EarshotError(f"{path} holds no settings; copy one from presets/")
    return content


def validate(content, *, source=paths.PARAMS):
    """Settings as `Params`.

    content : dict, as `load` gives it
    Raises EarshotError that lists every unknown key, wrong type and impossible value with its path.
    """
    problems = []
    try:
        params = Params.model_validate(content)
    except ValidationError as error:
        params = None
        problems = [_problem(fault, Params) for fault in error.errors()]
    blocks = content.get("zoo")
    for name, block in blocks.items() if isinstance(blocks, dict) else ():
        try:
            registry.model_settings(name).model_validate(block)
        except ValidationError as error:
            problems += [
                _problem(fault, registry.model_settings(name), "zoo", name) for fault in error.errors()
            ]
        except EarshotError as error:
            problems.append(f"zoo.{name}: {error}")
    if problems:
        raise list_problems(f"{source} has settings that cannot be used:", problems)
    return params


def read_params(*keys):
    """The settings that a stage declares in dvc.yaml, and no others.

    keys : str, dotted as in dvc.yaml's `params`, `"seed"`, `"dataset.path"`, `"zoo.cnn"`
    Returns a namespace that has these alone, so that a setting which is not declared cannot be read.
    """
    params = validate(load())
    chosen = SimpleNamespace()
    for key in keys:
        *parents, last = key.split(".")
        value, target = params, chosen
        for parent in parents:
            value = _member(value, parent)
            if not hasattr(target, parent):
                setattr(target, parent, SimpleNamespace())
            target = getattr(target, parent)
        setattr(target, last, _member(value, last))
    return chosen


def with_setting(content, key, value):
    """A copy of the settings in which one has another value.

    content : dict, as `load` gives it
    key : str, dotted, `"sonify.iterations"`
    Raises EarshotError where the key lies in no block.
    """
    content = copy.deepcopy(content)
    *parents, last = key.split(".")
    block = content
    for parent in parents:
        block = block.get(parent) if isinstance(block, dict) else None
    if not isinstance(block, dict):
        raise EarshotError(f"{key}: {paths.PARAMS} has no block {'.'.join(parents)}")
    block[last] = value
    return content


def _member(value, name):
    return value[name] if isinstance(value, dict) else getattr(value, name)


def _problem(fault, model, *prefix):
    """One line about one fault: where, what was found, what is allowed."""
    place = [part for part in fault["loc"] if isinstance(part, str | int)]
    where = ".".join(str(part) for part in (*prefix, *place))
    if fault["type"] == "extra_forbidden":
        return f"{where}: unknown key{_nearest(model, place)}"
    if fault["type"] == "missing":
        return f"{where}: missing"
    message = fault["msg"].removeprefix("Value error, ")
    if not where:
        return message
    found = fault["input"]
    if fault["type"] == "list_type" and not isinstance(found, dict):
        return f"{where}: a list is wanted, found {found!r}; on the command line write -S '{where}=[{found}]'"
    return f"{where}: {message[0].lower()}{message[1:]}, found {found!r}"


def _nearest(model, place):
    for part in place[:-1]:
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        model = field.annotation if field else None
    names = list(getattr(model, "model_fields", {}))
    near = difflib.get_close_matches(str(place[-1]), names, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known are {', '.join(sorted(names))}" if names else ""
