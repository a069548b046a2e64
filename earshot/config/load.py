"""params.yaml read in one place: whole, or the settings that one stage declares."""

import contextlib
import copy
import difflib
import re
import reprlib
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from earshot.core import paths
from earshot.core.errors import EarshotError, list_problems

MOST_VALUES = 100_000  # of params.yaml, what aliases repeat counted each time
PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_BRIEF = reprlib.Repr()  # of what was found, enough to know it by
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 200
_BRIEF.maxlist = _BRIEF.maxdict = 20


class StageParams(BaseModel):
    """The settings that a stage reads: a field for each, with its key as the alias where that is another name.

    `make deps` lists the keys under the stage's `params` in dvc.yaml. A key may hold `${item.model}`, the cell of a
    matrix, or `${cv.model}`, another setting, as dvc.yaml does.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, protected_namespaces=()
    )

    @classmethod
    def param_keys(cls) -> list[str]:
        """The keys of params.yaml that the stage reads."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @classmethod
    def read(cls, **cell: str) -> Self:
        """The stage's settings, from params.yaml.

        cell : what `${item.<name>}` stands for

        Raises EarshotError that lists every fault with its key.
        """
        content, settings = load(), {}
        for key in cls.param_keys():
            with contextlib.suppress(KeyError):  # what is missing is named with the other faults
                settings[key] = setting(content, resolve_key(content, key, cell))
        try:
            return cls.model_validate(settings)
        except ValidationError as error:
            faults = [problem(fault, cls) for fault in error.errors()]
            raise list_problems(f"{paths.PARAMS} has settings that cannot be used:", faults) from None


def resolve_key(content: dict[str, Any], key: str, cell: dict[str, str]) -> str:
    """The key with each `${...}` replaced: by the cell's value, or by that setting."""

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        return cell[name.removeprefix("item.")] if name.startswith("item.") else str(setting(content, name))

    return PLACEHOLDER.sub(replace, key)


def setting(content: dict[str, Any], key: str) -> Any:
    """The setting at a dotted key. Raises KeyError where there is none."""
    value: Any = content
    for part in key.split("."):
        if not isinstance(value, dict):
            raise KeyError(key)
        value = value[part]
    return value


def load(path: Path = paths.PARAMS) -> dict[str, Any]:
    """params.yaml as a dict. YAML 1.2, in which `1e-05`, as DVC writes it, is a number."""
    try:
        content = YAML(typ="safe", pure=True).load(path)
    except FileNotFoundError:
        raise EarshotError(
            f"{path} is missing; run from the repository's root, or write one with `python -m earshot preset`"
        ) from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise EarshotError(f"{path} cannot be read as YAML: {error}") from None
    except RecursionError:
        raise EarshotError(f"{path} cannot be read: its lists and blocks are nested too deep") from None
    if not isinstance(content, dict):
        raise EarshotError(f"{path} holds no settings; `python -m earshot preset` writes a whole params.yaml")
    _check_size(content, path)
    return content


def _check_size(content: dict[str, Any], path: Path) -> None:
    """Refuse aliases (`*name`) that stand for themselves, or for more than anybody writes."""
    sizes: dict[int, int] = {}  # of the lists and dicts that were counted

    def size(value: Any) -> int:
        if not isinstance(value, dict | list):
            return 1
        if id(value) not in sizes:
            sizes[id(value)] = MOST_VALUES + 1  # what an alias of itself stands for
            sizes[id(value)] = 1 + sum(map(size, value.values() if isinstance(value, dict) else value))
        return sizes[id(value)]

    if size(content) > MOST_VALUES:
        raise EarshotError(
            f"{path} stands for more than {MOST_VALUES:,} values: write fewer aliases, `*name`"
        )


def with_setting(content: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """A copy of the settings in which one has another value.

    content : dict, as `load` gives it
    key : str, dotted, `"sonify.iterations"`
    Raises EarshotError where the key lies in no block.
    """
    content = copy.deepcopy(content)
    *parents, last = key.split(".")
    block: Any = content
    for parent in parents:
        block = block.get(parent) if isinstance(block, dict) else None
    if not isinstance(block, dict):
        raise EarshotError(f"{key}: {paths.PARAMS} has no block {'.'.join(parents)}")
    block[last] = value
    return content


def problem(fault: ErrorDetails, model: type[BaseModel], *prefix: str) -> str:
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
    value, brief = fault["input"], _BRIEF.repr(fault["input"])
    if fault["type"] == "list_type" and not isinstance(value, dict):
        return f"{where}: a list is wanted, found {brief}; on the command line write -S '{where}=[{value}]'"
    if fault["type"] == "string_type" and isinstance(value, int | float):
        return f"{where}: text is wanted, found {brief}; put it in quotes, '{value}'"
    return f"{where}: {message[0].lower()}{message[1:]}, found {brief}"


def _nearest(model: Any, place: list[str | int]) -> str:
    for part in place[:-1]:
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        model = field.annotation if field else None
    names = list(getattr(model, "model_fields", {}))
    renamed = getattr(model, "RENAMED", {}).get(place[-1])
    near = [renamed] if renamed else difflib.get_close_matches(str(place[-1]), names, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known are {', '.join(sorted(names))}" if names else ""
