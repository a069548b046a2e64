"""The block `split`: the shares of training, validation and test."""

from typing import Self

from pydantic import model_validator

from earshot.config.base import Block, Positive


class Split(Block):
    train: Positive = 0.7
    val: Positive = 0.15
    test: Positive = 0.15

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        total = self.train + self.val + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train, val and test add up to {total:g}, not to 1")
        return self
