"""The block `embedding`: the frozen model that the view `embedding` hears every sound through."""

from typing import Literal, Self

from pydantic import model_validator

from earshot.config.base import Block, Positive, SampleRate

Pooling = Literal["mean", "max", "none"]


class Embedding(Block):
    """Where a setting is None, the model's file says it."""

    model: str | None = None
    sample_rate: SampleRate | None = None
    window_s: Positive | None = None
    hop_s: Positive | None = None
    pooling: Pooling = "mean"
    input: str | None = None
    output: str | None = None

    @model_validator(mode="after")
    def _leaves_no_gaps(self) -> Self:
        if self.hop_s is not None and self.window_s is not None and self.hop_s > self.window_s:
            raise ValueError(f"hop_s={self.hop_s:g} leaves gaps: expected at most window_s={self.window_s:g}")
        return self


class CompleteEmbedding(Embedding):
    """The block with all that a model's file says filled in. The output may be the only one that the file has."""

    model: str
    sample_rate: SampleRate
    window_s: Positive
    hop_s: Positive
    input: str
