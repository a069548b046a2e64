"""TFLite files, run by LiteRT."""

import threading
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from earshot.embedding.model_file import Tensor, cannot_be_run, check_kind, chosen, only_input


class TfliteModel:
    """An interpreter with its tensors laid out. See `model_file.PretrainedModel`."""

    def __init__(self, content: bytes, path: str, output: str | None) -> None:
        self._interpreter, self._lock = _interpreter(content, path), threading.Lock()
        takes, gives = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self.runtime = f"ai-edge-litert {metadata.version('ai-edge-litert')}"
        self.inputs, self.outputs = _tensors(takes), _tensors(gives)
        self.about: dict[str, str] = {}
        only_input(self.inputs, path=path)
        given = chosen(self.outputs, output, path=path, key="embedding.output")
        check_kind(given, path=path, key="embedding.output")
        self._path = path
        self._input = takes[0]["index"]
        self._output = next(one["index"] for one in gives if one["name"] == given.name)
        self._shape = tuple(takes[0]["shape"])

    def run(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        with self._lock:  # an interpreter holds what it computes
            try:
                self._run(waveform)
            except (ValueError, RuntimeError) as error:
                raise cannot_be_run(self._path, error) from None
            return np.asarray(self._interpreter.get_tensor(self._output), dtype=np.float32)

    def _run(self, waveform: NDArray[np.float32]) -> None:
        if waveform.shape != self._shape:
            self._interpreter.resize_tensor_input(self._input, waveform.shape)
            self._interpreter.allocate_tensors()
            self._shape = waveform.shape
        self._interpreter.set_tensor(self._input, waveform)
        self._interpreter.invoke()


def open_file(path: str, output: str | None) -> TfliteModel:
    """The model of a file, with the output that is asked for."""
    content = Path(path).read_bytes()
    opened = _interpreter(content, path)
    inside = {one["name"]: one["index"] for one in opened.get_tensor_details()}
    given = {one["name"] for one in opened.get_output_details()}
    if output in inside and output not in given:
        content = _with_output(content, inside[output])
    return TfliteModel(content, path, output)


def _interpreter(content: bytes, path: str) -> Any:
    try:
        interpreter = Interpreter(model_content=content, num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise cannot_be_run(path, error) from None
    return interpreter


def _with_output(content: bytes, index: int) -> bytes:
    """The file with a tensor inside the graph in place of its first output: what others compute on the way is lost."""
    changed = bytearray(content)
    schema.Model.GetRootAs(changed, 0).Subgraphs(0).OutputsAsNumpy()[0] = index
    return bytes(changed)


def _tensors(described: list[dict[str, Any]]) -> list[Tensor]:
    """What goes in or out. A batch of any size counts as one: a graph is often laid out inside for one alone."""
    tensors = []
    for one in described:
        lengths = [None if length < 0 else int(length) for length in one["shape_signature"]]
        if len(lengths) > 1 and lengths[0] is None:
            lengths[0] = 1
        tensors.append(Tensor(one["name"], tuple(lengths), np.dtype(one["dtype"]).name))
    return tensors
