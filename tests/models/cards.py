"""Cards of models that were made up for a test."""

from earshot.config.inputs import ModelInput, PicturesInput
from earshot.config.sonify import Sonify
from earshot.config.train import Trainer
from earshot.models.card import ModelCard, RunFacts

PICTURES = PicturesInput(view="sound", sonify=Sonify())


def a_card(
    architecture: str = "linear", *, input_shape, model_input: ModelInput = PICTURES, **changes
) -> ModelCard:
    """The card of a model with these, and with something plausible for all else."""
    content = {
        "settings": {},
        "trainer": Trainer(),
        "runs": [RunFacts(epoch=1, epochs_trained=1)],
        "classes": ["a", "b"],
        "view": model_input.view,
        "normalize": "none",
        "parameters": 1,
    }
    return ModelCard(
        architecture=architecture, input_shape=tuple(input_shape), input=model_input, **content | changes
    )
