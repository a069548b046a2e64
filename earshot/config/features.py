"""The block `features`: the arrays that models see of sounds and of ready spectrograms."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from earshot.config.base import (
    MOST_SAMPLES,
    MOST_VALUES,
    Block,
    Channel,
    Device,
    Normalize,
    NotNegative,
    Positive,
    SampleRate,
    Side,
)

Margin = Annotated[float, Field(ge=0, lt=0.5)]


class Features(Block):
    kind: Literal["log_mel", "stft", "mfcc"] = "log_mel"
    sample_rate: SampleRate = 16000
    channel: Channel = "mix"
    n_fft: Annotated[int, Field(ge=4, le=2**20)] = 1024
    hop_length: Side = 256
    n_mels: Side = 64
    n_mfcc: Side = 20
    fmin: NotNegative = 0.0
    fmax: Positive | None = None
    top_db: Positive | None = 80.0
    frames: Side | None = None
    bands: Side | None = None
    clip_s: Positive | None = None
    clip_hop_s: Positive | None = None
    pad: Literal["silence", "repeat"] = "silence"
    colormap: str | None = None
    normalize: Normalize = "train"
    device: Device = "cpu"
    reference: Literal["clip", "item", "full_scale"] = "clip"
    margin: Literal["auto"] | Annotated[list[Margin], Field(min_length=4, max_length=4)] | None = None
    colour: bool = False

    @field_validator("kind", mode="before")
    @classmethod
    def _is_of_a_spectrogram(cls, kind: Any) -> Any:
        if kind == "embedding":
            raise ValueError(
                "it is a view, and no kind of spectrogram: set views: [sound, embedding] and the block embedding"
            )
        return kind

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        top = self.sample_rate / 2 if self.fmax is None else self.fmax
        if top > self.sample_rate / 2:
            raise ValueError(
                f"fmax={top:g} is above half of sample_rate={self.sample_rate}; use null for half"
            )
        if self.fmin >= top:
            raise ValueError(f"fmin={self.fmin:g} is not below fmax={top:g}")
        if self.hop_length > self.n_fft:
            raise ValueError(
                f"hop_length={self.hop_length} skips samples: expected at most n_fft={self.n_fft}"
            )
        if self.kind == "mfcc" and self.n_mfcc > self.n_mels:
            raise ValueError(f"n_mfcc={self.n_mfcc} is more than n_mels={self.n_mels}")
        if self.kind == "mfcc" and self.reference != "clip":
            raise ValueError(
                f"reference={self.reference} is for log_mel and stft; mfcc holds the level in its first coefficient"
            )
        return self

    @model_validator(mode="after")
    def _is_colour_or_values(self) -> Self:
        if self.colour and self.colormap is not None:
            raise ValueError(
                f"colour keeps red, green and blue, and colormap={self.colormap} makes one value of them; "
                "set one of the two"
            )
        return self

    @model_validator(mode="after")
    def _fits_memory(self) -> Self:
        rows = {"log_mel": self.n_mels, "stft": self.n_fft // 2 + 1, "mfcc": self.n_mfcc}[self.kind]
        if self.kind != "stft" and self.n_mels * self.n_fft > MOST_VALUES:
            raise ValueError(f"n_mels × n_fft = {self.n_mels} × {self.n_fft}: expected at most {MOST_VALUES}")
        if (self.bands or rows) * (self.frames or 1) > MOST_VALUES:
            raise ValueError(
                f"bands × frames = {self.bands or rows} × {self.frames}: expected at most {MOST_VALUES}"
            )
        if (self.clip_s or 0) * self.sample_rate > MOST_SAMPLES:
            raise ValueError(
                f"clip_s={self.clip_s:g} is more than {MOST_SAMPLES} samples at sample_rate={self.sample_rate}"
            )
        return self

    @model_validator(mode="after")
    def _cuts_all_of_a_sound(self) -> Self:
        if self.clip_s is None:
            if self.clip_hop_s is not None:
                raise ValueError("clip_hop_s is set and clip_s is not; set clip_s, the length of a clip")
            return self
        if self.clip_hop_s is not None and self.clip_hop_s > self.clip_s:
            raise ValueError(
                f"clip_hop_s={self.clip_hop_s:g} leaves gaps: expected at most clip_s={self.clip_s:g}"
            )
        if self.clip_s * self.sample_rate < 1:
            raise ValueError(
                f"clip_s={self.clip_s:g} is less than a sample at sample_rate={self.sample_rate}"
            )
        return self
