"""Whether a batch fits in memory, asked before it is tried."""

import copy
from collections.abc import Sequence

import psutil
import torch
from torch import Tensor, nn

from earshot.core.errors import EarshotError
from earshot.models.normalization import Normalized

UNIT = 1e9


def check_batch(model: Normalized, shape: Sequence[int], *, batch_size: int, device: torch.device) -> None:
    """Raises EarshotError where a training step on a batch of clips needs more memory than there is.

    model : only a backbone with an `image_size` is looked at: the others follow the array's size
    shape : (bands, frames)
    """
    size = getattr(model.model, "image_size", None)
    if not size:
        return
    name = getattr(model.model, "name", "")
    needed, there = batch_size * step_bytes(model.model, shape), available_bytes(device)
    if needed > there:
        raise EarshotError(
            f"zoo.{name}.image_size: a batch of {batch_size} at {size} x {size} needs about "
            f"{needed / UNIT:.1f} GB and {there / UNIT:.1f} GB are free: take a smaller image_size, or a batch_size "
            f"of {max(int(batch_size * there / needed), 1)} for {name}"
        )


def step_bytes(model: nn.Module, shape: Sequence[int], *, gradients: bool | None = None) -> int:
    """What the outputs of all layers take for one clip, twice (values and gradients).

    gradients : whether there is a backward pass, None where there is one in training: not through a frozen network.
        Without it the two largest outputs are counted.
    """
    sizes: list[int] = []

    def note(module: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        sizes.append(4 * output.numel())

    bare = copy.deepcopy(model).to("meta").eval()
    for module in bare.modules():
        if not list(module.children()):
            module.register_forward_hook(note)
    with torch.no_grad():
        bare(torch.empty(1, *shape, device="meta"))
    if gradients is None:
        gradients = not getattr(model, "frozen", False)
    return 2 * (sum(sizes) if gradients else max(sizes))


def available_bytes(device: torch.device) -> int:
    """Free memory of the device; on the CPU what the system can give without swapping."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return int(psutil.virtual_memory().available)
