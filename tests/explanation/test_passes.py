"""How many arrays pass at once, against the sizes of the layers' outputs."""

import pytest
import torch

from earshot.explanation.passes import AT_ONCE, ROOM_BYTES, arrays_at_once
from earshot.models.build import build_model
from earshot.models.normalization import Normalized
from earshot.training.frozen import ON_CPU


def at_once(name, shape, **settings):
    with torch.device("meta"):
        network = build_model(name, input_shape=shape, outputs=2, **settings)
        return arrays_at_once(Normalized(network, how="none"), shape)


@pytest.mark.parametrize("name", ["cnn", "lstm"])
def test_small_models_take_the_most(name):
    assert at_once(name, (128, 128)) == AT_ONCE


@pytest.mark.parametrize("freeze", ["none", "backbone"])
def test_a_large_network_takes_what_fits_with_gradients(freeze):
    # ResNet-18 gives some 9.1 million numbers at 224 x 224, counted by its layers: 73 MB with their gradients
    few = at_once("resnet18", (32, 32), image_size=224, freeze=freeze)
    assert 10 <= few < ROOM_BYTES / (2 * 4 * 6e6)
    assert at_once("resnet18", (32, 32), image_size=2048, freeze=freeze) == 1


def test_a_small_pretrained_network_takes_what_torch_is_fast_with():
    assert at_once("efficientnet_b0", (128, 128), image_size=224, freeze="backbone") >= ON_CPU
