"""Clips, models and settings that the trainer's tests share."""

import numpy as np

from earshot.config.train import Trainer
from earshot.models.build import build_model
from earshot.models.normalization import normalized
from earshot.models.outputs import outputs_of
from earshot.training.batches import clips_of


def some_clips(*, n=45, shape=(16, 12), n_classes=3, seed=0):
    """Noise with one band louder for each class: every model can learn it."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n)
    features = rng.normal(size=(n, *shape)).astype(np.float32)
    features[np.arange(n), labels] += 1
    return clips_of(features, labels)


def a_model(name, clips, *, n_classes=3, how="train", **settings):
    """A model of the zoo behind its normalization."""
    outputs = outputs_of(n_classes)
    return normalized(
        build_model(name, input_shape=clips.shape, outputs=outputs, seed=1, **settings), clips, how=how
    )


def a_trainer(**settings):
    """Settings for a short run on one thread."""
    return Trainer(**{"epochs": 2, "batch_size": 8, "threads": 1, "device": "cpu"} | settings)
