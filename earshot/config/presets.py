"""The presets: ready-made studies, each a file that says what differs from the study on the digits."""

import io
import itertools
import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.representer import RoundTripRepresenter

from earshot.config.load import load
from earshot.core import paths
from earshot.core.errors import EarshotError

BASE = "digits"  # the preset that holds every setting; each of the others is an overlay on it
# Blocks that name settings of their own choice: an overlay's takes the place of the base's.
TABLES = {"columns", "grid", "sweep"}


class _Representer(RoundTripRepresenter):
    """Writes `null`. A class of its own: ruamel keeps representers by class, for all that this process writes."""

    def represent_null(self, _: None) -> Any:
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(type(None), _Representer.represent_null)


def preset_names() -> list[str]:
    """The presets of the repository, the base first."""
    if not preset_file(BASE).is_file():
        raise EarshotError(f"{preset_file(BASE)} is missing; run from the root of a clone of Earshot")
    names = sorted(path.stem for path in paths.PRESETS.glob("*.yaml"))
    return [BASE, *(name for name in names if name != BASE)]


def preset_file(name: str) -> Path:
    """The file of a preset, an overlay or the base."""
    return paths.PRESETS / f"{name}.yaml"


def describe_preset(name: str) -> str:
    """The comment on top of a preset, in one line."""
    comment, _ = _split_comment(preset_file(name).read_text(encoding="utf-8"))
    return " ".join(line.removeprefix("#").strip() for line in comment.splitlines())


def expand_preset(name: str) -> bytes:
    """The whole params.yaml of a preset: the base's settings and comments, the overlay's where it names one.

    Blocks are merged key by key; a list or a number takes the place of the base's. Keys that the base lacks come
    first in their block, where no comment of the base stands in between.
    """
    if name not in preset_names():
        raise EarshotError(f"{name}: no such preset; {paths.PRESETS}/ has {', '.join(preset_names())}")
    text = preset_file(name).read_text(encoding="utf-8")
    if name == BASE:
        return text.encode()
    load(preset_file(name))  # refuses a file that holds no settings
    comment, overlay = _split_comment(text)
    return _merged(preset_file(BASE).read_text(encoding="utf-8"), YAML().load(overlay), comment)


def expand_overlay(name: str, overlay: dict[str, Any], *, comment: str) -> bytes:
    """The whole params.yaml of a preset with settings of an overlay in the place of the preset's.

    comment : what stands on top, with its `#`
    """
    inline = YAML().load(json.dumps(overlay))  # JSON, so that lists stay in one line
    return _merged(expand_preset(name).decode(), inline, comment)


def _merged(text: str, overlay: Any, comment: str) -> bytes:
    """The settings of a YAML text, and its comments but for the one on top, with an overlay merged into them."""
    yaml = YAML()
    yaml.width = 1000  # no line is broken
    yaml.Representer = _Representer
    content = yaml.load(_split_comment(text)[1])
    _merge(content, overlay)
    buffer = io.StringIO()
    yaml.dump(content, buffer)
    return f"{comment}\n{buffer.getvalue().lstrip()}".encode()


def _merge(block: Any, overlay: Any) -> None:
    """Put an overlay's settings into a block of ruamel.yaml, which keeps the block's comments."""
    added = []
    for key, value in overlay.items():
        if isinstance(block.get(key), dict) and isinstance(value, dict):
            if not block[key]:  # `{}` stays in one line, with its comment behind it
                block[key].fa.set_flow_style()
            if key in TABLES:
                for name in list(block[key]):
                    del block[key][name]
            _merge(block[key], value)
        elif key in block:
            block[key] = value
        else:
            added.append(key)
    for key in reversed(added):
        block.insert(0, key, overlay[key])


def _split_comment(text: str) -> tuple[str, str]:
    """The comment on top of a YAML file, and the rest."""
    lines = text.splitlines(keepends=True)
    comment = list(itertools.takewhile(lambda line: line.startswith("#"), lines))
    return "".join(comment), "".join(lines[len(comment) :])
