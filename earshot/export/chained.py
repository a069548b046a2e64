"""A pretrained ONNX model and the networks behind it as one file.

Three graphs, one behind the other: the sound is cut into windows, the pretrained model hears them, and the networks
answer from its vectors. The pretrained model is the body of a loop over all windows (`Scan`): whatever batch it was
laid out for, it hears each by itself, in bounded memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import compose, helper, inliner, numpy_helper, version_converter
from torch import Tensor, nn

from earshot.config.inputs import EmbeddingInput
from earshot.core.errors import EarshotError, first_line
from earshot.embedding.model_file import open_model
from earshot.export.front_ends import Signature, cut
from earshot.export.network import Exported
from earshot.export.to_onnx import OPSET, to_onnx
from earshot.models.normalization import Normalized

LENGTHS = ("batch", "clips", "windows")  # of the axes before a window's samples, and before its vectors


class Windows(nn.Module):
    """Sounds to the windows of their clips that the pretrained model hears, as `embedding.embed` cuts them.

    samples : of every sound; None where they may be of any length
    """

    def __init__(self, heard: EmbeddingInput, samples: int | None) -> None:
        super().__init__()
        self.heard = heard
        self.signature = Signature("sound", (samples or "samples",))

    def forward(self, sounds: Tensor) -> Tensor:
        """(batch, samples) -> (batch, clips, windows, samples)"""
        settings, features = self.heard.embedding, self.heard.features
        rate, pad = settings.sample_rate, features.pad
        clips = sounds.unsqueeze(1)
        if features.clip_s is not None:
            clips = cut(sounds, rate=rate, clip_s=features.clip_s, hop_s=features.clip_hop_s, pad=pad)
        flat = clips.flatten(0, 1)
        windows = cut(flat, rate=rate, clip_s=settings.window_s, hop_s=settings.hop_s, pad=pad)
        return windows.reshape(*clips.shape[:2], *windows.shape[1:])


class Pooled(nn.Module):
    """The vectors of windows to the arrays that the networks take, as `embedding.embed` pools them."""

    def __init__(self, heard: EmbeddingInput, shape: Sequence[int]) -> None:
        super().__init__()
        self.pooling = heard.embedding.pooling
        clips, windows, *vectors = shape
        several = heard.features.clip_s is not None
        any_length = not several and heard.sonify is None and self.pooling != "none"
        sizes = ("clips" if several else clips, "windows" if any_length else windows, *vectors)
        self.signature = Signature("vectors", sizes)

    def forward(self, vectors: Tensor) -> Tensor:
        """(batch, clips, windows, vectors, dimensions) -> (batch, clips, dimensions, frames)"""
        of_windows = self._pool(vectors, 3)
        if self.pooling == "none":
            return of_windows.transpose(2, 3)
        return self._pool(of_windows, 2).unsqueeze(3)

    def _pool(self, vectors: Tensor, axis: int) -> Tensor:
        return vectors.amax(axis) if self.pooling == "max" else vectors.double().mean(axis).float()


def chain(
    heard: EmbeddingInput,
    models: Sequence[Normalized],
    example: Tensor,
    *,
    temperature: float,
    outputs: Sequence[str],
    name: str,
) -> onnx.ModelProto:
    """From sounds to probabilities, by the pretrained model of a file and the networks that learned from it.

    models, temperature : as of `network.Exported`
    example : sounds of more than one clip and window, (batch, samples)
    outputs : the names of what `network.Exported` gives
    name : what errors call the networks

    Raises EarshotError for a pretrained model that is no ONNX file, or whose operators cannot be brought to one set.
    """
    ears = _ears(heard)
    opset = next(one.version for one in ears.opset_import if one.domain == "")
    windows = Windows(heard, None if heard.sonify is None else example.shape[1])
    with torch.no_grad():
        lengths = windows(example).shape
    of_window = [side.dim_value for side in ears.graph.output[0].type.tensor_type.shape.dim[3:]]
    vectors = torch.zeros(*lengths[:3], *of_window)
    pooled = Pooled(heard, vectors.shape[1:])
    network = Exported(pooled, models, temperature=temperature)
    before = to_onnx(windows, windows.signature, example, outputs=["windows"], name=name, opset=opset)
    behind = to_onnx(network, pooled.signature, vectors, outputs=outputs, name=name, opset=opset)
    before = compose.add_prefix(before, "cut/", rename_inputs=False)
    behind = compose.add_prefix(behind, "answer/", rename_outputs=False)
    newest = max(model.ir_version for model in (before, ears, behind))
    for model in (before, ears, behind):
        model.ir_version = newest
    cut_and_heard = compose.merge_models(before, ears, io_map=[("cut/windows", "windows")])
    whole: onnx.ModelProto = compose.merge_models(
        cut_and_heard, behind, io_map=[("vectors", "answer/vectors")]
    )
    return whole


def _ears(heard: EmbeddingInput) -> onnx.ModelProto:
    """The pretrained model in a loop.

    (batch, clips, windows, samples) -> (batch, clips, windows, vectors, dimensions)
    """
    settings = heard.embedding
    if Path(settings.model).suffix.lower() != ".onnx":
        raise EarshotError(
            f"{settings.model} is no ONNX file, and an ONNX file can hold no other: it would have to be converted "
            "(docs/pretrained.md), and the study run with it. `earshot predict` answers with the two files"
        )
    opened = open_model(settings.model, sha256=heard.sha256, output=settings.output)
    samples = round(settings.window_s * settings.sample_rate)
    takes = [1] * (len(opened.inputs[0].shape) - 1) + [samples]
    given = opened.run(np.zeros(takes, np.float32)).shape
    gives = [1, 1, *(side for side in given if side != 1)][-2:]  # as `embedding.embed` takes it
    model = _of_one_set(onnx.load(settings.model), settings.model)
    output = settings.output or model.graph.output[0].name
    model = compose.add_prefix(model, "heard/")
    source, target = f"heard/{settings.input}", f"heard/{output}"
    body = _loop_body(model.graph, source=source, target=target, takes=takes, gives=gives)
    constants = {"flat_shape": [-1, samples], "of_window": gives}
    nodes = [
        helper.make_node("Reshape", ["windows", "flat_shape"], ["flat"]),
        helper.make_node("Scan", ["flat"], ["flat_vectors"], body=body, num_scan_inputs=1),
        helper.make_node("Shape", ["windows"], ["lengths"], start=0, end=3),
        helper.make_node("Concat", ["lengths", "of_window"], ["shape"], axis=0),
        helper.make_node("Reshape", ["flat_vectors", "shape"], ["vectors"]),
    ]
    graph = helper.make_graph(
        nodes,
        "ears",
        [_tensor("windows", [*LENGTHS, samples])],
        [_tensor("vectors", [*LENGTHS, *gives])],
        _constants(constants),
    )
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def _of_one_set(model: onnx.ModelProto, path: str) -> onnx.ModelProto:
    """The model without functions of its own, its operators of the set that the other graphs are of, or a newer one."""
    try:
        model = inliner.inline_local_functions(model)
        version = next(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
        return version_converter.convert_version(model, OPSET) if version < OPSET else model
    except Exception as error:  # of the converter's own kinds
        raise EarshotError(
            f"{path} cannot be brought to the ONNX operators of set {OPSET} ({first_line(error)}), of which the rest "
            f"of the file is: export it anew with opset_version={OPSET}, and run the study with it"
        ) from None


def _loop_body(
    graph: onnx.GraphProto, *, source: str, target: str, takes: Sequence[int], gives: Sequence[int]
) -> onnx.GraphProto:
    """What hears one window, (samples), and gives (vectors, dimensions): of a graph, what leads to the target."""
    wanted, nodes = {target}, list[onnx.NodeProto]()
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            nodes.insert(0, node)
            wanted |= _read_by(node)
    weights = [tensor for tensor in graph.initializer if tensor.name in wanted]
    return helper.make_graph(
        [
            helper.make_node("Reshape", ["window", "takes"], [source]),
            *nodes,
            helper.make_node("Reshape", [target, "gives"], ["of_one"]),
        ],
        "hears_a_window",
        [_tensor("window", [takes[-1]])],
        [_tensor("of_one", gives)],
        [*weights, *_constants({"takes": takes, "gives": gives})],
        sparse_initializer=graph.sparse_initializer,
    )


def _read_by(node: onnx.NodeProto) -> set[str]:
    """The names that a node reads, those that graphs inside it take from around them included."""
    inside = [graph for one in node.attribute for graph in ([one.g] if one.HasField("g") else one.graphs)]
    return set(node.input).union(
        *({output.name for output in graph.output} for graph in inside),
        *(_read_by(one) for graph in inside for one in graph.node),
    )


def _tensor(name: str, shape: Iterable[Any]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, list(shape))


def _constants(values: Mapping[str, Sequence[int]]) -> list[onnx.TensorProto]:
    return [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in values.items()]
