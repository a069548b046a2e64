"""Names and settings of models."""

import pytest
from pydantic import ValidationError

from earshot.config.train import Trainer
from earshot.core.errors import EarshotError
from earshot.models import registry


def test_settings_come_from_the_signature_of_build():
    fields = registry.model_settings("cnn").model_fields
    assert fields["dropout"].default == 0.5
    assert fields["batch_norm"].annotation is bool
    assert set(Trainer.model_fields) < set(fields)


@pytest.mark.parametrize("name", [*registry.own_models(), "resnet18"])
def test_every_models_settings_can_be_read(name):
    registry.model_settings(name)()


@pytest.mark.parametrize(
    ("name", "nearest"), [("cmn", "cnn"), ("resnet-18", "resnet18"), ("mobilenetv2", "mobilenet_v2")]
)
def test_an_unknown_name_lists_the_known_and_the_nearest(name, nearest):
    with pytest.raises(EarshotError, match=f"nearest name is '{nearest}'(?s:.*)small_cnn"):
        registry.model_settings(name)


@pytest.mark.parametrize(
    "block", [{"dropout": 1.0}, {"widht": 16}, {"batch_norm": 1}, {"lr": 0}, {"optimizer": "sdg"}], ids=str
)
def test_a_block_is_checked(block):
    with pytest.raises(ValidationError):
        registry.model_settings("cnn")(**block)


def test_the_block_overrides_what_holds_for_all_models():
    trainer, own = registry.resolve(
        "cnn",
        trainer={"lr": 0.1, "batch_size": 4, "optimizer": "sgd", "clip_norm": 1.0},
        block={"batch_size": 8, "clip_norm": None, "dense": 9},
    )
    assert (trainer.lr, trainer.batch_size, trainer.optimizer, trainer.clip_norm) == (0.1, 8, "sgd", None)
    assert own == {
        "width": 16,
        "dense": 9,
        "dropout": 0.5,
        "batch_norm": False,
        "blocks": "plain",
        "depth": 3,
    }


@pytest.mark.parametrize(
    ("trainer", "block", "message"),
    [
        ({}, {"hidden": 3}, "zoo.cnn.hidden"),
        ({"epochs": 0}, {"schedule": "cosine"}, "epochs: 0 has none"),
    ],
)
def test_what_cannot_be_used_is_an_error_that_names_the_model(trainer, block, message):
    with pytest.raises(EarshotError, match=message):
        registry.resolve("cnn", trainer=trainer, block=block)
