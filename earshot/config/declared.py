"""What a stage declares in dvc.yaml, as it stands: settings, code and data. It must not change while the stage runs.

DVC records the state that it finds when a stage has ended. Where a file or a setting was edited meanwhile, it would
record outputs as made of what they were not made of, and hand them on as such.
"""

import functools
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from earshot.config.load import load, resolve_key, setting
from earshot.core import paths
from earshot.core.errors import EarshotError, first_line, list_problems
from earshot.core.process import cell_values

PIPELINE = Path("dvc.yaml")
CODE = ("earshot", "stages")
State: TypeAlias = dict[str, Any]  # what is compared of each setting and file, by its name


@functools.cache
def at_start(stage: str) -> State:
    """What the stage declares, as it stood when this process first asked: before it imported what it runs.

    stage : as DVC names it, `train@10-sound-cnn`
    """
    return state(stage)


def state(stage: str) -> State:
    """What the stage declares, as it stands: code by its content, data by sizes and times, as DVC looks at them.

    Raises EarshotError where dvc.yaml and params.yaml do not fit each other, as while one of them is edited.
    """
    try:
        return _state(stage)
    except (KeyError, YAMLError) as error:
        raise EarshotError(
            f"{stage}: {PIPELINE} and {paths.PARAMS} do not fit each other ({first_line(error)}): run it again"
        ) from None


def _state(stage: str) -> State:
    declared, content = _of_dvc_yaml(stage.partition("@")[0]), load()
    axes, values = declared.get("matrix", {}), cell_values()
    if len(axes) != len(values):
        raise EarshotError(f"{stage}: {PIPELINE} wants a value for each of {', '.join(axes) or 'nothing'}")
    cell = dict(zip(axes, values, strict=True))
    state: State = {}
    for key in declared.get("params", []):
        name = resolve_key(content, key, cell)
        state[f"{paths.PARAMS}: {name}"] = _setting(content, name)
    for dep in declared["deps"]:
        path = Path(resolve_key(content, dep, cell))
        of_file = _content if path.parts[0] in CODE else _size_and_time
        state |= {str(file): of_file(file) for file in _files(path)}
    return state


def outputs(stage: str) -> list[Path]:
    """Where a stage writes, for the cell of its matrix.

    stage : its name without the cell, `train`
    """
    declared, content = _of_dvc_yaml(stage), load()
    cell = dict(zip(declared.get("matrix", {}), cell_values(), strict=True))
    written = [*declared.get("outs", []), *declared.get("metrics", [])]
    names = [next(iter(output)) if isinstance(output, dict) else output for output in written]
    return [Path(resolve_key(content, name, cell)) for name in names]


def check_unchanged(stage: str) -> None:
    """EarshotError that names what has changed since the start."""
    before, now = at_start(stage), state(stage)
    changed = [name for name in before | now if before.get(name) != now.get(name)]
    if changed:
        raise list_problems(
            f"{stage}: what it is made from was changed while it ran, and DVC would record the change as what made it. "
            "Run it again. Changed:",
            [_change(name, before.get(name), now.get(name)) for name in changed],
        )


def _of_dvc_yaml(stage: str) -> dict[str, Any]:
    """The stage's block in dvc.yaml, which alone is parsed: all of it takes a tenth of a second."""
    text = PIPELINE.read_text(encoding="utf-8")
    block = re.search(rf"^  {re.escape(stage)}:\n((?:    .*\n|\s*\n)+)", text, re.M)
    if not block:
        raise EarshotError(f"{PIPELINE} has no stage {stage}, indented by two spaces under `stages:`")
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(block[1])
    return content


def _setting(content: dict[str, Any], key: str) -> Any:
    try:
        return setting(content, key)
    except KeyError:
        return None


def _files(path: Path) -> Iterator[Path]:
    """The file, or the files of the folder, but for hidden ones and byte code. Linked folders are followed once."""
    if not path.is_dir():
        yield path
        return
    seen = set()
    for folder, inner, files in os.walk(path, followlinks=True):
        about = Path(folder).stat()
        again = (about.st_dev, about.st_ino) in seen
        seen.add((about.st_dev, about.st_ino))
        inner[:] = [] if again else [name for name in inner if not name.startswith((".", "__pycache__"))]
        yield from (Path(folder, name) for name in files if not again and not name.startswith("."))


def _content(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _size_and_time(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except OSError:  # not there, or a link that leads nowhere
        return None
    return about.st_size, about.st_mtime_ns


def _change(name: str, before: Any, now: Any) -> str:
    if name.startswith(f"{paths.PARAMS}: "):
        return f"{name} was {before}, is {now}"
    if before is None or now is None:
        return f"{name} was {'added' if before is None else 'removed'}"
    return name
