"""What the blocks of params.yaml share: the types of their values, and the strictness of a block."""

from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

T = TypeVar("T")

Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Side = Annotated[int, Field(ge=1, le=2**20)]  # of an array
Layers = Annotated[int, Field(ge=1, le=100)]
Natural = Annotated[int, Field(ge=0)]
NotNegative = Annotated[float, Field(ge=0)]
Dropout = Annotated[float, Field(ge=0, lt=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
SampleRate = Annotated[int, Field(ge=1000, le=1_536_000)]
Kind = Literal["pictures", "sounds", "spectrograms"]
# Of a sound with several: their mean, or one by its name or its number from 1.
Channel = Literal["mix", "left", "right"] | Annotated[int, Field(ge=1)]
# Of pictures of more than 8 bits: what the file's type can hold, the brightest of each picture, or a value.
White = Literal["file", "data"] | Annotated[float, Field(gt=0)]
View = Literal["sound", "picture", "colour", "embedding", "shuffled"]
Device = Literal["cpu", "cuda"]
TorchDevice = Literal["auto", "cpu", "cuda", "mps"]
Normalize = Literal["item", "min_max", "train", "none"]


def _rising(limits: list[float]) -> list[float]:
    if limits[0] > limits[1]:
        raise ValueError(f"expected [low, high] with low at most high, found {limits}")
    return limits


def no_repeats(values: list[T]) -> list[T]:
    if len(set(values)) < len(values):
        raise ValueError(f"{values} names something twice")
    return values


def _at_least_two(subsets: list[int]) -> list[int]:
    if min(subsets) < 2:
        raise ValueError(f"{min(subsets)} class(es) leave nothing to tell apart; 2 is the least")
    return subsets


MOST_VALUES = 2**26  # of one array: 256 MiB as float32
MOST_SAMPLES = 2**28  # of one sound in mono: 1 GiB as float32, 4.6 hours at 16 kHz

# What makes a list of numbers a range [low, high].
PAIR = Field(min_length=2, max_length=2)
RISING = AfterValidator(_rising)

Subsets = Annotated[
    list[Count], Field(min_length=1), AfterValidator(_at_least_two), AfterValidator(no_repeats)
]
Views = Annotated[list[View], Field(min_length=1), AfterValidator(no_repeats)]
Models = Annotated[list[Name], Field(min_length=1), AfterValidator(no_repeats)]


class Block(BaseModel):
    """A block of params.yaml: no unknown key, no silent conversion from another type."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, protected_namespaces=()
    )

    RENAMED: ClassVar[dict[str, str]] = {}  # a key's name in older versions, to its name
