"""Which models there are and what params.yaml may say about each, told without importing torch.

A model is a file, `earshot/models/<name>.py`, whose `build(*, input_shape, outputs, ...)` names the model's
settings with their types and defaults. That signature is the schema of the block `zoo.<name>`. A name without
a file is a torchvision classifier, built by `earshot/models/backbone.py`.
"""

import ast
import difflib
import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, create_model

from earshot.config.schema import Block, Count, Fraction, Natural, NotNegative, Positive, Trainer
from earshot.core.errors import EarshotError, list_problems

Dropout = Annotated[float, Field(ge=0, lt=1)]
# The names that a setting's annotation may use.
ANNOTATIONS = {
    **{"int": int, "float": float, "bool": bool, "str": str, "list": list},
    **{"Annotated": Annotated, "Literal": Literal, "Field": Field, "Dropout": Dropout},
    **{"Count": Count, "Fraction": Fraction, "Natural": Natural, "NotNegative": NotNegative},
    **{"Positive": Positive},
}
FOLDER = Path(__file__).parent


@cache
def own_models():
    """The models with a file of their own, sorted."""
    helpers = {"__init__", "backbone", "normalization", "pretrained", "saved", "registry"}
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in helpers)


@cache
def torchvision_models():
    """The classifiers that torchvision registers, sorted. Read from its source: importing it costs seconds."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None:
        return []
    sources = (Path(spec.origin).parent / "models").glob("*.py")
    pattern = re.compile(r"^@register_model\(\)\n(?:@.*\n)*def (\w+)\(", re.MULTILINE)
    return sorted(name for source in sources for name in pattern.findall(source.read_text(encoding="utf-8")))


def module_name(name):
    """The module that builds the model: its own, or `backbone` for a torchvision classifier."""
    if name in own_models():
        return name
    known = [*own_models(), *torchvision_models()]
    if name in known:
        return "backbone"
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
    raise EarshotError(
        f"models: no model is called {name!r}; the nearest name is {nearest!r}. "
        f"Known: {', '.join(own_models())}, and every torchvision classifier (resnet18, mobilenet_v2, …)"
    )


@cache
def model_settings(name):
    """The pydantic model of the block `zoo.<name>`: the model's own settings, and any key of the trainer.

    name : str, from the list `models`

    Raises EarshotError for a name that no model has.
    """
    fields = dict(_signature(module_name(name)))
    clashes = fields.keys() & Trainer.model_fields.keys()
    if clashes:
        raise TypeError(f"{name}: settings {sorted(clashes)} have the names of trainer keys")
    overrides = {key: (field.annotation, field) for key, field in Trainer.model_fields.items()}
    return create_model(f"Zoo_{name}", __base__=Block, **fields, **overrides)


def _signature(module):
    """Yields (setting, (annotation, default)) of the `build` in a model's source."""
    tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    build = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "build")
    for argument, default in zip(build.args.kwonlyargs, build.args.kw_defaults, strict=True):
        if default is not None:
            annotation = eval(ast.unparse(argument.annotation), dict(ANNOTATIONS))
            yield argument.arg, (annotation, ast.literal_eval(default))


def resolve(name, *, top, train, block):
    """What the trainer and the model are told: top level < `train` block < `zoo.<name>` block.

    top : dict or TopLevel, the training settings at the top of params.yaml
    train : dict or Train
    block : dict or model_settings(name), only what the block sets

    Returns (Trainer, dict of the model's own settings, defaults filled in).
    """
    schema = model_settings(name)
    try:
        checked = block if isinstance(block, schema) else schema.model_validate(dict(block or {}))
        said = {key: getattr(checked, key) for key in checked.model_fields_set}
        overrides = {key: value for key, value in said.items() if key in Trainer.model_fields}
        trainer = Trainer.model_validate({**_plain(top), **_plain(train), **overrides})
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, ('zoo', name, *fault['loc'])))}: {fault['msg']}, found {fault['input']!r}"
            for fault in error.errors()
        ]
        raise list_problems(f"params.yaml: the settings of model {name} cannot be used:", problems) from error
    own = {key: getattr(checked, key) for key in schema.model_fields if key not in Trainer.model_fields}
    return trainer, own


def _plain(block):
    return dict(block or {}) if block is None or isinstance(block, dict) else block.model_dump()
