"""The block `augment`: extra variants of the training part's sounds."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from earshot.config.base import PAIR, RISING, Block, Natural

Decibels = Annotated[list[Annotated[float, Field(ge=-20, le=100)]], PAIR, RISING]
Semitones = Annotated[list[Annotated[float, Field(ge=-24, le=24)]], PAIR, RISING]
Factors = Annotated[list[Annotated[float, Field(ge=0.25, le=4)]], PAIR, RISING]


class Augment(Block):
    """Extra variants of each training sound. A range left out changes nothing."""

    copies: Natural = 0
    noise_snr_db: Decibels | None = None
    pitch_semitones: Semitones | None = None
    stretch: Factors | None = None  # how many times as long

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.copies and self.noise_snr_db is self.pitch_semitones is self.stretch is None:
            raise ValueError(
                f"copies={self.copies} would repeat the same sound; set noise_snr_db, pitch_semitones or stretch"
            )
        return self
