"""ONNX files, run by onnxruntime, each whole in itself."""

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from earshot.core.errors import EarshotError
from earshot.embedding.model_file import Tensor, cannot_be_run, check_kind, chosen, only_input


class OnnxModel:
    """An open session. See `model_file.PretrainedModel`."""

    def __init__(self, session: Any, path: str, output: str) -> None:
        self._session, self._path, self._output = session, path, output
        self.runtime = f"onnxruntime {metadata.version('onnxruntime')}"
        self.inputs, self.outputs = _tensors(session.get_inputs()), _tensors(session.get_outputs())
        self.about: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)
        self._input = only_input(self.inputs, path=path).name
        given = chosen(self.outputs, output, path=path, key="embedding.output")
        check_kind(given, path=path, key="embedding.output")

    def run(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            (given,) = self._session.run([self._output], {self._input: waveform})
        except Exception as error:  # onnxruntime's own kinds, which share no base
            raise cannot_be_run(self._path, error) from None
        return np.asarray(given, dtype=np.float32)


def open_file(path: str, output: str | None) -> OnnxModel:
    """The model of a file, with the output that is asked for."""
    _refuse_other_files(path)
    session = _session(path, path)
    outputs = _tensors(session.get_outputs())
    if output is not None and output not in [tensor.name for tensor in outputs]:
        session = _session(_with_output(path, output, outputs), path)
        return OnnxModel(session, path, output)
    return OnnxModel(session, path, chosen(outputs, output, path=path, key="embedding.output").name)


def _session(content: str | bytes, path: str) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors: the rest is about how fast it will be
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own kinds, which share no base
        raise cannot_be_run(path, error) from None


def _refuse_other_files(path: str) -> None:
    """Raise EarshotError for weights in files beside the model's, whose content its hash does not tell."""
    try:
        model = onnx.load(path, load_external_data=False)
    except Exception as error:  # protobuf's own kind
        raise cannot_be_run(path, error) from None
    if any(onnx.external_data_helper.uses_external_data(tensor) for tensor in _weights(model)):
        raise EarshotError(
            f"embedding.model: {path} keeps weights in another file, whose content would not count: save it as one, "
            f"`python -c \"import onnx; onnx.save(onnx.load('{path}'), 'ONE.onnx')\"`"
        )


def _weights(message: Any) -> Iterator[onnx.TensorProto]:
    """Every tensor of numbers that a model holds, those of its nodes and of graphs inside them included."""
    if isinstance(message, onnx.TensorProto):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in [value] if hasattr(value, "ListFields") else value:
                yield from _weights(one)


def _with_output(path: str, name: str, outputs: list[Tensor]) -> bytes:
    """The file with a tensor inside the graph among its outputs."""
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
        Tensor(
            one.name,
            tuple(length if isinstance(length, int) else None for length in one.shape),
            "float32" if one.type == "tensor(float)" else one.type,
        )
        for one in described
    ]
