"""What params.yaml may say: every key, its type and its limits."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Natural = Annotated[int, Field(ge=0)]
NotNegative = Annotated[float, Field(ge=0)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
View = Literal["sound", "picture", "shuffled"]


def _rising(limits):
    if limits[0] > limits[1]:
        raise ValueError(f"expected [low, high] with low at most high, found {limits}")
    return limits


def _range_within(low, high):
    """A range [low, high] from params.yaml, both ends inside the limits."""
    end = Annotated[float, Field(ge=low, le=high)]
    return Annotated[list[end], Field(min_length=2, max_length=2), AfterValidator(_rising)]


class Block(BaseModel):
    """A block of params.yaml: no unknown key, no silent conversion from another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, protected_namespaces=())


class Dataset(Block):
    kind: Literal["pictures", "sounds", "spectrograms"] = "pictures"
    path: Annotated[str, Field(min_length=1)]
    labels: str | None = None
    classes: list[str] | None = None
    group: str | None = None
    fold: str | None = None
    test: str | int | None = None
    shard_size: Count = 128


class Balance(Block):
    method: Literal["none", "downsample"] = "downsample"


class Split(Block):
    train: Positive = 0.7
    val: Positive = 0.15
    test: Positive = 0.15

    @model_validator(mode="after")
    def _adds_up(self):
        total = self.train + self.val + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train, val and test add up to {total:g}, not to 1")
        return self


class Sonify(Block):
    rows: Annotated[int, Field(ge=2)] = 64
    columns: Annotated[int, Field(ge=2)] = 64
    sample_rate: Annotated[int, Field(ge=1000)] = 8000
    n_fft: Annotated[int, Field(ge=4, multiple_of=2)] | None = None
    hop_length: Count | None = None
    window: Literal["hann", "rectangular"] = "hann"
    placing: Literal["linear", "log", "mel"] = "linear"
    fmin: NotNegative | None = None
    fmax: Positive | None = None
    brightness: Literal["decibels", "linear"] = "decibels"
    range_db: Positive = 40.0
    invert: bool = False
    iterations: Natural = 32
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    device: Literal["cpu", "cuda"] = "cpu"
    noise_snr_db: Annotated[float, Field(ge=-60, le=120)] | None = None
    band_hz: _range_within(0, math.inf) | None = None

    @model_validator(mode="after")
    def _band_is_heard(self):
        if self.band_hz is None:
            return self
        (low, high), top = self.band_hz, self.sample_rate / 2
        if low == high or high > top:
            raise ValueError(
                f"band_hz={self.band_hz} is no band below {top:g}, half of sample_rate={self.sample_rate}"
            )
        return self


class Features(Block):
    kind: Literal["log_mel", "stft", "mfcc"] = "log_mel"
    sample_rate: Annotated[int, Field(ge=1000)] = 16000
    n_fft: Annotated[int, Field(ge=4)] = 1024
    hop_length: Count = 256
    n_mels: Count = 64
    n_mfcc: Count = 20
    fmin: NotNegative = 0.0
    fmax: Positive | None = None
    top_db: Positive | None = 80.0
    frames: Count | None = None
    bands: Count | None = None
    clip_s: Positive | None = None
    clip_hop_s: Positive | None = None
    pad: Literal["silence", "repeat"] = "silence"
    colormap: str | None = None
    normalize: Literal["item", "train", "none"] = "train"
    device: Literal["cpu", "cuda"] = "cpu"

    @model_validator(mode="after")
    def _holds_together(self):
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
        return self

    @model_validator(mode="after")
    def _cuts_all_of_a_sound(self):
        if self.clip_hop_s is not None and self.clip_s is None:
            raise ValueError("clip_hop_s is set and clip_s is not; set clip_s, the length of a clip")
        if self.clip_hop_s is not None and self.clip_hop_s > self.clip_s:
            raise ValueError(
                f"clip_hop_s={self.clip_hop_s:g} leaves gaps: expected at most clip_s={self.clip_s:g}"
            )
        if self.clip_s is not None and self.clip_s * self.sample_rate < 1:
            raise ValueError(
                f"clip_s={self.clip_s:g} is less than a sample at sample_rate={self.sample_rate}"
            )
        return self


class Augment(Block):
    """Extra variants of each training sound. A range left out changes nothing."""

    copies: Natural = 0
    noise_snr_db: _range_within(-20, 100) | None = None
    pitch_semitones: _range_within(-24, 24) | None = None
    stretch: _range_within(0.25, 4) | None = None  # how many times as long

    @model_validator(mode="after")
    def _changes_something(self):
        if self.copies and self.noise_snr_db is self.pitch_semitones is self.stretch is None:
            raise ValueError(
                f"copies={self.copies} would repeat the same sound; set noise_snr_db, pitch_semitones or stretch"
            )
        return self


class Train(Block):
    """The trainer's settings. Every key can be set for one model in its own block of the zoo."""

    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    schedule: Literal["none", "plateau", "cosine", "one_cycle"] = "none"
    plateau_patience: Count = 3
    warmup_epochs: NotNegative = 0.0
    clip_norm: Positive | None = None
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    imbalance: Literal["none", "class_weights", "oversample"] = "none"
    select: Literal["val_loss", "val_accuracy", "val_macro_f1"] = "val_loss"
    patience: Natural = 5
    keep_epochs: bool = False
    track_test: bool = False
    time_mask: Fraction = 0.0
    frequency_mask: Fraction = 0.0
    roll: Fraction = 0.0
    gain_db: NotNegative = 0.0
    mixup: NotNegative = 0.0
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["float32", "bf16", "fp16"] = "float32"
    channels_last: bool = False
    compile: bool = False
    threads: Count = 1
    memory_gb: Positive = 4.0


class TopLevel(Block):
    """The settings of training that people vary most, kept at the top of params.yaml."""

    lr: Positive = 1e-3
    batch_size: Count = 32
    epochs: Natural = 15
    weight_decay: NotNegative = 0.0


class Trainer(Train, TopLevel):
    """All that the trainer is told about one model: top level, `train` block and the zoo's overrides together."""

    @model_validator(mode="after")
    def _schedule_knows_its_end(self):
        if self.epochs == 0 and self.schedule in ("cosine", "one_cycle"):
            raise ValueError(f"schedule {self.schedule} ends with the last epoch, and epochs: 0 has none")
        return self


class TrainBlock(Train):
    """The block `train` of params.yaml."""

    from_cv: bool = False


class GradCam(Block):
    part: Literal["train", "val", "test"] = "test"
    method: Literal["gradcam", "hirescam"] = "gradcam"
    layer: str | None = None
    per_class: Count = 6
    checked: Count = 16
    steps: Annotated[int, Field(ge=2)] = 8


class CrossValidation(Block):
    model: Name = "cnn"
    subset: Annotated[int, Field(ge=2)] = 2
    view: View = "sound"
    folds: Annotated[int, Field(ge=2)] | Literal["official", "leave_one_group_out"] | None = None
    parts: Literal["development", "all"] = "development"
    val: Annotated[float, Field(ge=0, le=0.5)] = 0.15
    select: Literal["accuracy", "macro_f1"] = "accuracy"
    grid: dict[str, list] = Field(default_factory=dict)
