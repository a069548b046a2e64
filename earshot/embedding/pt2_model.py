"""Archives of torch.export (`.pt2`), read only where they hold nothing but numbers and operators of torch.

torch unpickles parts of an archive and looks up what its graph calls by name, so that a file could run any code.
"""

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.export.pt2_archive._package import PT2ArchiveReader, load_pt2

from earshot.core.errors import EarshotError
from earshot.embedding.model_file import Tensor, cannot_be_run, chosen

LOOKED_UP = (
    "torch",
    "_operator",
    "math",
    "#",
)  # what torch takes for a function's name, and not for a weight's
SAFE_CALLS = re.compile(
    r"torch\.ops\.(aten|prims)\.\w+\.\w+|torch\.sym_(max|min|not|float|int)"
    r"|_operator\.(getitem|add|sub|mul|floordiv|truediv|mod|neg|eq|ne|ge|le|lt|gt)|math\.(ceil|floor|trunc)"
)
SAFE_LENGTH = re.compile(r"[\w\s+*/(),-]*")  # an expression of lengths, which sympy evaluates as Python
PAYLOAD = re.compile(r"(weight|tensor)_\d+")  # the names of files of plain numbers


class Pt2Model:
    """An exported program. See `model_file.PretrainedModel`."""

    def __init__(self, path: str, input_name: str | None, output: str | None) -> None:
        try:
            _refuse_code(path)
            archive = load_pt2(path)
            (program,) = archive.exported_programs.values()
        except EarshotError:
            raise
        except Exception as error:  # of a damaged archive anything
            raise cannot_be_run(path, error) from None
        signature = program.graph_signature
        lengths = {node.name: _shape(node) for node in program.graph.nodes}
        self.runtime = f"torch {torch.__version__.partition('+')[0]}"
        self.inputs = [Tensor(str(name), lengths[str(name)]) for name in signature.user_inputs]
        self.outputs = [Tensor(str(name), lengths.get(str(name), ())) for name in signature.user_outputs]
        self.about: dict[str, str] = {key: str(value) for key, value in archive.extra_files.items()}
        chosen(self.inputs, input_name, path=path, key="embedding.input")
        if len(self.inputs) > 1:
            raise EarshotError(
                f"embedding.model: {path} takes {len(self.inputs)} tensors, and a sound is one"
            )
        gives = chosen(self.outputs, output, path=path, key="embedding.output")
        self._place = self.outputs.index(gives)
        self._module = program.module()

    def run(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.no_grad():
            given = self._module(torch.from_numpy(np.ascontiguousarray(waveform)))
        values = (
            list(given.values()) if isinstance(given, dict) else [given] if torch.is_tensor(given) else given
        )
        array: NDArray[np.float32] = values[self._place].to(torch.float32).numpy()
        return array


def open_file(path: str, input_name: str | None, output: str | None) -> Pt2Model:
    """The model of a file, with the tensors that are asked for."""
    return Pt2Model(path, input_name, output)


def _shape(node: Any) -> tuple[int | None, ...]:
    value = node.meta.get("val")
    return tuple(length if isinstance(length, int) else None for length in getattr(value, "shape", ()))


def _refuse_code(path: str) -> None:
    """Raise EarshotError for an archive of which torch would unpickle more than tensors, or run code."""
    with PT2ArchiveReader(path) as archive:
        for name in archive.get_file_names():
            for problem in _problems(archive, name):
                raise EarshotError(
                    f"embedding.model: {path} holds {problem}, which could run any code when it is opened. Export the "
                    "model again with torch.export.save, of a module of plain tensors, or take its ONNX file"
                )


def _problems(archive: Any, name: str) -> Iterator[str]:
    if name.startswith("data/aotinductor/"):
        yield f"compiled code, {name}"
    elif name.startswith("data/sample_inputs/"):
        content = archive.read_bytes(name)
        try:
            if content:
                torch.load(io.BytesIO(content), weights_only=True)
        except Exception:  # torch would take it for a pickle of any kind then
            yield f"a pickle, {name}"
    elif name.endswith("_config.json"):
        config = json.loads(archive.read_bytes(name))["config"]
        if any(about["use_pickle"] or not PAYLOAD.fullmatch(about["path_name"]) for about in config.values()):
            yield f"pickled tensors, {name}"
    elif name.startswith(("data/weights/", "data/constants/")) and not PAYLOAD.fullmatch(
        name.split("/", 2)[2]
    ):
        yield f"a pickle, {name}"
    elif name.startswith("models/"):
        for key, text in _texts(json.loads(archive.read_bytes(name))):
            if key == "target" and text.startswith(LOOKED_UP) and not SAFE_CALLS.fullmatch(text):
                yield f"a call of {text}"
            if key == "expr_str" and (not SAFE_LENGTH.fullmatch(text) or "__" in text):
                yield f"code in place of a length, {text}"


def _texts(content: Any) -> Iterator[tuple[str, str]]:
    """Every text of a JSON document with its key."""
    for key, value in content.items() if isinstance(content, dict) else ():
        if isinstance(value, str):
            yield key, value
        else:
            yield from _texts(value)
    for value in content if isinstance(content, list) else ():
        yield from _texts(value)
