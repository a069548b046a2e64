"""TFLite files, run by LiteRT."""

from importlib import metadata
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from earshot.embedding.model_file import Tensor, cannot_be_run, chosen


class TfliteModel:
    """An interpreter with its tensors laid out. See `model_file.PretrainedModel`."""

    def __init__(self, path: str, input_name: str | None, output: str | None) -> None:
        try:
            # a tensor inside is overwritten by those after it unless all are kept
            self._interpreter = Interpreter(
                path, num_threads=1, experimental_preserve_all_tensors=output is not None
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise cannot_be_run(path, error) from None
        takes, gives = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self.runtime = f"ai-edge-litert {metadata.version('ai-edge-litert')}"
        self.inputs, self.outputs = _tensors(takes), _tensors(gives)
        self.about: dict[str, str] = {}
        inside = {one["name"]: one for one in [*self._interpreter.get_tensor_details(), *gives]}
        name = chosen(self.inputs, input_name, path=path, key="embedding.input").name
        self._input = next(one["index"] for one in takes if one["name"] == name)
        if output is None or output not in inside:
            output = chosen(self.outputs, output, path=path, key="embedding.output").name
        self._output = inside[output]["index"]

    def run(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        interpreter = self._interpreter
        if tuple(interpreter.get_input_details()[0]["shape"]) != waveform.shape:
            interpreter.resize_tensor_input(self._input, waveform.shape)
            interpreter.allocate_tensors()
        interpreter.set_tensor(self._input, waveform)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(self._output), dtype=np.float32)


def open_file(path: str, input_name: str | None, output: str | None) -> TfliteModel:
    """The model of a file, with the tensors that are asked for."""
    return TfliteModel(path, input_name, output)


def _tensors(described: list[dict[str, Any]]) -> list[Tensor]:
    """A batch of any size is one of 1: what a graph holds inside is often laid out for that alone."""
    return [
        Tensor(
            one["name"],
            tuple(
                (1 if place == 0 and len(one["shape"]) > 1 else None) if length < 0 else int(length)
                for place, length in enumerate(_signature(one))
            ),
        )
        for one in described
    ]


def _signature(described: dict[str, Any]) -> list[int]:
    lengths = described["shape_signature"]
    return list(lengths if len(lengths) else described["shape"])
