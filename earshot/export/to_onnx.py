"""A torch module as an ONNX model."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from earshot.core.errors import EarshotError, first_line
from earshot.export.front_ends import Signature

OPSET = 18  # the first whose resizing smooths, as pictures' does


def to_onnx(
    module: nn.Module,
    signature: Signature,
    example: Tensor,
    *,
    outputs: Sequence[str],
    name: str,
    opset: int = OPSET,
) -> Any:
    """The module as onnx.ModelProto. Where the machine keeps its code stands nowhere in it.

    example : what goes in, of a batch of two or more, and where a size may be any, not of 1
    name : what errors call it

    Raises EarshotError for what torch cannot export.
    """
    sizes = enumerate(signature.sizes, 1)
    dynamic = {0: "batch"} | {axis: size for axis, size in sizes if isinstance(size, str)}
    try:
        with _silently(), torch.no_grad():
            program = torch.onnx.export(
                module.eval(),
                (example,),
                dynamo=True,
                dynamic_shapes=(dynamic,),
                input_names=[signature.name],
                output_names=outputs,
                opset_version=opset,
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        raise EarshotError(f"torch cannot export {name} to ONNX: {first_line(error)}") from error
    assert program is not None
    graph: Any = program.model
    for function in (graph.graph, *graph.functions.values()):
        for node in function.all_nodes():
            node.metadata_props.clear()  # among it the paths of this machine
    return program.model_proto


@contextmanager
def _silently() -> Iterator[None]:
    """Without what torch and onnxscript say of their own insides while they export."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "torch.export", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
