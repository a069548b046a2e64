"""ONNX files, run by onnxruntime."""

from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from earshot.core.errors import EarshotError
from earshot.embedding.model_file import Tensor, cannot_be_run, chosen


class OnnxModel:
    """An open session. See `model_file.PretrainedModel`."""

    def __init__(self, session: Any, input_name: str, output: str) -> None:
        self._session, self._input, self._output = session, input_name, output
        self.runtime = f"onnxruntime {metadata.version('onnxruntime')}"
        self.inputs, self.outputs = _tensors(session.get_inputs()), _tensors(session.get_outputs())
        self.about: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)

    def run(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        (given,) = self._session.run([self._output], {self._input: waveform})
        return np.asarray(given, dtype=np.float32)


def open_file(path: str, input_name: str | None, output: str | None) -> OnnxModel:
    """The model of a file, with the tensors that are asked for."""
    session = _session(path, path)
    takes = chosen(_tensors(session.get_inputs()), input_name, path=path, key="embedding.input").name
    outputs = _tensors(session.get_outputs())
    if output is not None and output not in [tensor.name for tensor in outputs]:
        session = _session(_with_output(path, output, outputs), path)
        return OnnxModel(session, takes, output)
    return OnnxModel(session, takes, chosen(outputs, output, path=path, key="embedding.output").name)


def _session(content: str | bytes, path: str) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors: the rest is about how fast it will be
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own kinds, which share no base
        raise cannot_be_run(path, error) from None


def _with_output(path: str, name: str, outputs: list[Tensor]) -> bytes:
    """The file with a tensor inside the graph among its outputs."""
    import onnx

    model = onnx.load(path)
    if name not in {output for node in model.graph.node for output in node.output}:
        offered = ", ".join(map(str, outputs))
        raise EarshotError(
            f"embedding.output: {path} has no {name!r}; it gives {offered}, and every tensor inside its graph"
        )
    model.graph.output.append(onnx.ValueInfoProto(name=name))
    try:
        return bytes(model.SerializeToString())
    except ValueError:  # of more than 2 GiB
        raise EarshotError(
            f"embedding.output: {Path(path).name} is too large to be read inside; name one of its outputs"
        ) from None


def _tensors(described: Any) -> list[Tensor]:
    return [
        Tensor(one.name, tuple(length if isinstance(length, int) else None for length in one.shape))
        for one in described
    ]
