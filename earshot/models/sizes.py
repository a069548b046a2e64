"""The least array that a model can take."""

from earshot.core.errors import EarshotError

Shape = tuple[int, int]  # (bands, frames)


def need_size(name: str, input_shape: Shape, *, bands: int, frames: int) -> None:
    """Raises EarshotError where the input is smaller than the model's pooling can halve."""
    if input_shape[0] < bands or input_shape[1] < frames:
        raise EarshotError(
            f"model {name} needs arrays of at least {bands} bands x {frames} frames and was given "
            f"{input_shape[0]} x {input_shape[1]}: make the spectrogram larger or choose another model"
        )
