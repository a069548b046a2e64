"""How models are trained: the keys at the top of params.yaml, the block `train`, and both with a model's own."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from earshot.config.base import Block, Count, Fraction, Natural, Normalize, NotNegative, Positive, TorchDevice

Repeatable = Literal["any_machine", "this_machine", "no"]
Precision = Literal["float32", "bf16", "fp16"]


class TopLevel(Block):
    """The settings of training that people vary most, kept at the top of params.yaml."""

    lr: Positive = 1e-3
    batch_size: Count = 32
    epochs: Natural = 15
    weight_decay: NotNegative = 0.0


class Train(Block):
    """The trainer's settings. Every key can be set for one model in its own block of the zoo."""

    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    schedule: Literal["none", "step", "plateau", "cosine", "one_cycle"] = "none"
    step_epochs: Count = 10
    step_factor: Annotated[float, Field(gt=0, le=1)] = 0.1
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
    crop: Annotated[float, Field(ge=0, lt=1)] = 0.0
    time_flip: Fraction = 0.0
    frequency_flip: Fraction = 0.0
    mixup: NotNegative = 0.0
    device: TorchDevice = "auto"
    precision: Precision = "float32"
    compile: bool = False
    threads: Count = 1
    repeatable: Repeatable = "any_machine"
    memory_gb: Positive = 4.0


class TrainedOn(Block):
    """Where training computes, for the stages that ask a trained model."""

    device: TorchDevice = Field(alias="train.device")
    repeatable: Repeatable = Field("any_machine", alias="train.repeatable")


class TrainBlock(Train):
    """The block `train` of params.yaml."""

    from_cv: bool = False


class Trainer(Train, TopLevel):
    """All that the trainer is told about one model: top level, `train` block and the zoo's overrides together."""

    @model_validator(mode="after")
    def _schedule_knows_its_end(self) -> Self:
        if self.epochs == 0 and self.schedule in ("cosine", "one_cycle"):
            raise ValueError(f"schedule {self.schedule} ends with the last epoch, and epochs: 0 has none")
        return self


@dataclass(frozen=True)
class ModelParams:
    """What params.yaml says of one model, before the model's own schema has checked its block.

    name : the name in the zoo
    trainer : the trainer's settings that hold for all models: top level and block `train` together
    block : `zoo.<name>`
    """

    name: str
    trainer: dict[str, Any]
    block: dict[str, Any]
    normalize: Normalize


class TrainingParams(TopLevel):
    """The settings that the stages train and cv share."""

    seed: Natural
    classes: list[str] | None = Field(alias="dataset.classes")
    reject: list[str] | None = Field(None, alias="dataset.reject")
    normalize: Normalize = Field(alias="features.normalize")
    train: TrainBlock

    def of_model(self, name: str, block: dict[str, Any]) -> ModelParams:
        """What is said of one model.

        block : `zoo.<name>`
        """
        top = {key: getattr(self, key) for key in TopLevel.model_fields}
        trainer = top | self.train.model_dump(exclude={"from_cv"})
        return ModelParams(name, trainer, block, self.normalize)
