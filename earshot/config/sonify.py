"""The block `sonify`: how a picture becomes a sound."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from earshot.config.base import (
    PAIR,
    RISING,
    Block,
    Device,
    Natural,
    NotNegative,
    Positive,
    SampleRate,
    Side,
    White,
)

Band = Annotated[list[NotNegative], PAIR, RISING]  # [low, high] in Hz


class Sonify(Block):
    RENAMED: ClassVar[dict[str, str]] = {"placing": "frequency_scale"}

    rows: Annotated[int, Field(ge=2, le=2**13)] = 64
    columns: Annotated[int, Field(ge=2, le=2**13)] = 64
    sample_rate: SampleRate = 8000
    n_fft: Annotated[int, Field(ge=4, le=2**20, multiple_of=2)] | None = None
    hop_length: Side | None = None
    window: Literal["hann", "rectangular"] = "hann"
    frequency_scale: Literal["linear", "log", "mel"] = "linear"
    fmin: NotNegative | None = None
    fmax: Positive | None = None
    brightness: Literal["decibels", "linear"] = "decibels"
    range_db: Positive = 40.0
    invert: bool = False
    iterations: Natural = 32
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    device: Device = "cpu"
    noise_snr_db: Annotated[float, Field(ge=-60, le=120)] | None = None
    band_hz: Band | None = None
    white: White = "file"

    @model_validator(mode="after")
    def _band_is_heard(self) -> Self:
        if self.band_hz is None:
            return self
        (low, high), top = self.band_hz, self.sample_rate / 2
        if low == high or high > top:
            raise ValueError(
                f"band_hz={self.band_hz} is no band below {top:g}, half of sample_rate={self.sample_rate}"
            )
        return self
