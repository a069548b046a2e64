"""How many arrays pass through a model at once, so that what a gradient needs fits in memory."""

from collections.abc import Sequence

from torch import nn

from earshot.training.memory import step_bytes

AT_ONCE = 64
# EfficientNet-B0 on 224 x 224 has room for 18 arrays: torch passes fewer than 16 at half the speed (training/frozen.py)
ROOM_BYTES = 3e9


def arrays_at_once(model: nn.Module, shape: Sequence[int]) -> int:
    """AT_ONCE arrays, of a large network as many as ROOM_BYTES hold the layers' outputs of, and at least one.

    The model's and the arrays' sizes alone decide, not the memory that is free: the number of arrays in a batch may
    move the last bit of what comes out.

    shape : of one array
    """
    network = getattr(model, "model", None)
    if not hasattr(network, "backbone"):
        return AT_ONCE
    assert isinstance(network, nn.Module)
    return max(1, min(AT_ONCE, int(ROOM_BYTES // step_bytes(network, shape, gradients=True))))
