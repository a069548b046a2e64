"""The arrays that a model can take: their shape, their planes, and the least size."""

from torch import Tensor

from earshot.core.errors import EarshotError

Shape = tuple[int, ...]  # (bands, frames), or in colour (3, bands, frames)


def planes_of(input_shape: Shape) -> int:
    """How many values an array has at each place: 1, or 3 in colour."""
    return input_shape[0] if len(input_shape) == 3 else 1


def with_planes(x: Tensor) -> Tensor:
    """Arrays as convolutions take them. (batch, bands, frames) or (batch, planes, bands, frames) -> the latter"""
    return x.unsqueeze(1) if x.ndim == 3 else x


def need_size(name: str, input_shape: Shape, *, bands: int, frames: int) -> None:
    """Raises EarshotError where the input is smaller than the model's pooling can halve."""
    if input_shape[-2] < bands or input_shape[-1] < frames:
        raise EarshotError(
            f"model {name} needs arrays of at least {bands} bands x {frames} frames and was given "
            f"{input_shape[-2]} x {input_shape[-1]}: make the spectrogram larger or choose another model"
        )
