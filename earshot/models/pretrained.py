"""Pretrained weights for a backbone: torchvision's ImageNet files, or a file of one's own."""

import hashlib
import logging
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError

import safetensors.torch
import torch
from torch import Tensor, nn

from earshot.core.errors import EarshotError

log = logging.getLogger(__name__)

FOLDER = Path("data/weights")  # in the repository, where DVC can track it


def load_into(
    network: nn.Module, *, name: str, weights: str, keep: Sequence[str], folder: Path = FOLDER
) -> bool:
    """Loads pretrained weights into a torchvision network, in place, and says what did not match.

    weights : "none", "imagenet", or the path of a .pth or .safetensors file
    keep : the prefixes of the classifier's names: they are replaced afterwards and not missed

    Returns whether the backbone came from them whole, with nothing left at its random start.
    Raises EarshotError where the file cannot be had or read, or holds nothing of the backbone.
    """
    if weights == "none":
        return False
    path = imagenet_file(name, folder=folder) if weights == "imagenet" else Path(weights)
    tensors, wanted = read(path), network.state_dict()
    fitting = {key: value for key, value in tensors.items() if fits(wanted.get(key), value)}
    backbone = {key for key in wanted if not key.startswith(tuple(keep))}
    if not backbone & fitting.keys():
        raise EarshotError(
            f"zoo.{name}.weights: nothing in {path} fits the backbone of {name}. It holds "
            f"{_some(tensors)}; wanted are {_some(backbone)}. Give the file of a {name}, or weights: none"
        )
    network.load_state_dict(fitting, strict=False)
    # a batch norm without a counter is complete: the counter counts training steps
    missing = {key for key in backbone - fitting.keys() if not key.endswith("num_batches_tracked")}
    unused = tensors.keys() - fitting.keys()
    log.info(f"{path}: {len(backbone & fitting.keys())} of {len(backbone)} backbone tensors loaded")
    if missing:
        log.info(f"{path}: left at their random start, for want of a fitting tensor: {_some(missing)}")
    if unused:
        log.info(f"{path}: not used, for want of a place of that name and shape: {_some(unused)}")
    return not missing


def fits(place: Tensor | None, value: Tensor) -> bool:
    """Whether a tensor may take that place."""
    return place is not None and place.shape == value.shape


def read(path: Path) -> dict[str, Tensor]:
    """The tensors of a .pth or .safetensors file by name. Code in a pickle is never run."""
    if not path.is_file():
        raise EarshotError(
            f"weights: there is no file {path}. Give the path of a .pth or .safetensors file, imagenet, or none"
        )
    try:
        if path.suffix == ".safetensors":
            content: Any = safetensors.torch.load_file(path)
        else:
            content = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # torch and safetensors raise many kinds for a damaged or forbidden file
        raise EarshotError(
            f"weights: {path} cannot be read as weights alone ({str(error).splitlines()[0]}). "
            "Wanted is a state dict, saved as .safetensors or with torch.save(model.state_dict(), path)"
        ) from error
    state = content.get("state_dict", content) if isinstance(content, dict) else {}
    tensors = {key: value for key, value in state.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise EarshotError(f"weights: {path} holds no state dict (names and tensors)")
    # what DistributedDataParallel puts in front
    return {key.removeprefix("module."): value for key, value in tensors.items()}


def imagenet_file(name: str, *, folder: Path = FOLDER) -> Path:
    """torchvision's own ImageNet weights of a model: in the folder, or downloaded into it."""
    from torchvision.models import get_model_weights

    return fetch(get_model_weights(name).DEFAULT.url, folder)


def fetch(url: str, folder: Path) -> Path:
    """The file of that address in the folder, downloaded where it is missing, checked against the hash in its name.

    Raises EarshotError without a network, and for a file that does not match its hash.
    """
    path = folder / url.rsplit("/", 1)[1]
    named = re.search(r"-([0-9a-f]{8,})\.", path.name)
    assert named, url
    wanted = named[1]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(url, str(path), hash_prefix=wanted, progress=sys.stderr.isatty())
        except (URLError, OSError, RuntimeError) as error:
            raise EarshotError(
                f"weights: imagenet needs {path.name}, and it cannot be downloaded ({error}). Fetch {url} on "
                f"a machine with a network and put the file at {path}; or set weights: none to train from scratch"
            ) from error
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(wanted):
        raise EarshotError(
            f"{path} is damaged: its SHA-256 starts with {digest[: len(wanted)]}, its name says {wanted}. "
            f"Delete it, or fetch {url} again"
        )
    return path


def _some(names: Iterable[str], most: int = 4) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:most]) + (f" and {len(ordered) - most} more" if len(ordered) > most else "")
