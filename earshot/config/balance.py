"""The block `balance`: whether every class has as many items."""

from typing import Literal

from earshot.config.base import Block


class Balance(Block):
    method: Literal["none", "downsample"] = "downsample"
