"""A pretrained model's file, opened by the library that runs its format, and known by its hash."""

import functools
import hashlib
import importlib
import importlib.util
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from earshot.core.errors import EarshotError

# The endings of the formats: the module here that opens one, the packages that it needs, and the extra that brings it.
FORMATS = {
    ".onnx": ("onnx_model", ("onnxruntime", "onnx"), "onnx"),
    ".tflite": ("tflite_model", ("ai_edge_litert",), "tflite"),
}
# Of torch: archives, scripts and pickles, all of which run code of a stranger's.
OF_TORCH = (".pt2", ".pt", ".pth")

_opening = threading.Lock()  # a second thread waits for what the first one opens


class Tensor(NamedTuple):
    """What goes into a model or comes out of it, by its name. A length that may be any is None."""

    name: str
    shape: tuple[int | None, ...]
    kind: str = "float32"

    def __str__(self) -> str:
        return f"{self.name} ({', '.join('any' if length is None else str(length) for length in self.shape)})"


class PretrainedModel(Protocol):
    """A model that is ready to run, on one thread.

    runtime : the library that runs it, and its version
    inputs : the one tensor that it takes
    outputs : the tensors that it gives, without those inside
    about : what the file says of itself, in words
    """

    runtime: str
    inputs: Sequence[Tensor]
    outputs: Sequence[Tensor]
    about: Mapping[str, str]

    def run(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the chosen output gives for an array of the input's shape."""
        ...


def sha256_of(path: str) -> str:
    """The hash of a file. Raises EarshotError where there is none."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise EarshotError(
            f"embedding.model: {path} is not there; it is the pretrained model that the view embedding hears through"
        ) from None


def open_model(path: str, *, sha256: str, output: str | None) -> PretrainedModel:
    """The model, opened once in a process.

    sha256 : of the file that is meant
    output : the name of the tensor that is meant, which may lie inside the model; None where it gives one

    Raises EarshotError for a file that is missing, is another one, cannot be run, or does not hold that tensor.
    """
    with _opening:
        return _opened(path, sha256, output)


@functools.lru_cache(maxsize=1)
def _opened(path: str, sha256: str, output: str | None) -> PretrainedModel:
    ending = Path(path).suffix.lower()
    if ending in OF_TORCH:
        raise EarshotError(
            f"embedding.model: {path} is a file of torch, which runs code of it when it opens it; export the model as "
            "ONNX, torch.onnx.export(..., dynamo=True, external_data=False)"
        )
    if ending not in FORMATS:
        raise EarshotError(f"embedding.model: {path} ends in {ending!r}; known are {', '.join(FORMATS)}")
    if sha256_of(path) != sha256:
        raise EarshotError(
            f"embedding.model: {path} is not the file that it was (its SHA-256 began with {sha256[:12]}): put that one "
            "back, or `dvc repro` the study with this one"
        )
    module, packages, extra = FORMATS[ending]
    for package in (name for name in packages if importlib.util.find_spec(name) is None):
        raise EarshotError(
            f"embedding.model: {path} needs {package}, which this environment does not have: "
            f"`pip install '.[{extra}]'` in a clone installs it"
        )
    opened: PretrainedModel = importlib.import_module(f"earshot.embedding.{module}").open_file(path, output)
    return opened


def chosen(tensors: Sequence[Tensor], name: str | None, *, path: str, key: str) -> Tensor:
    """The tensor of that name, or the only one.

    key : the setting that names it

    Raises EarshotError that lists what the file offers.
    """
    offered = ", ".join(map(str, tensors)) or "none"
    if name is None and len(tensors) == 1:
        return tensors[0]
    if name is None:
        raise EarshotError(f"{key}: {path} has several; name one of {offered}")
    named = next((tensor for tensor in tensors if tensor.name == name), None)
    if named is None:
        raise EarshotError(f"{key}: {path} has no {name!r}; it has {offered}")
    return named


def only_input(tensors: Sequence[Tensor], *, path: str) -> Tensor:
    """What the sound goes into. Raises EarshotError for a model that takes more, or no sound."""
    if len(tensors) != 1:
        raise EarshotError(f"embedding.model: {path} takes {len(tensors)} tensors, and a sound is one")
    check_kind(tensors[0], path=path, key="embedding.input")
    return tensors[0]


def check_kind(tensor: Tensor, *, path: str, key: str) -> None:
    """Raise EarshotError for a tensor of anything but float32, which is what sounds and vectors are here.

    key : the setting that names it
    """
    if tensor.kind != "float32":
        raise EarshotError(
            f"{key}: {tensor.name} of {path} is of {tensor.kind}, and wanted is float32: take the model's file of "
            "float32, which is not quantized, or name another tensor"
        )


def cannot_be_run(path: str, error: BaseException) -> EarshotError:
    """What is said of a file that its library refuses."""
    reason = " ".join(str(error).split())[:300] or type(error).__name__
    return EarshotError(f"embedding.model: {path} cannot be run: {reason}")
