"""The block `gradcam`: which items are explained, and by which method."""

from typing import Annotated, Literal

from pydantic import Field

from earshot.config.base import Block, Count, Models


class GradCam(Block):
    part: Literal["train", "val", "test"] = "test"
    method: Literal["auto", "gradcam", "hirescam", "integrated_gradients"] = "auto"
    layer: str | None = None
    per_class: Count = 6
    checked: Count = 16
    steps: Annotated[int, Field(ge=2)] = 10
    models: Models | None = None

    def explains(self, model: str) -> bool:
        """Whether maps are made of a model of the zoo."""
        return self.models is None or model in self.models
