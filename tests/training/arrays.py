"""Clips, models and settings that the trainer's tests share."""

import numpy as np

from earshot.config.train import Trainer
from earshot.training.batches import clips_of
from earshot.training.models import start_model
from earshot.training.recipe import Recipe


def some_clips(*, n=45, shape=(16, 12), n_classes=3, seed=0):
    """Noise with one band louder for each class: every model can learn it."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n)
    features = rng.normal(size=(n, *shape)).astype(np.float32)
    features[np.arange(n), labels] += 1
    return clips_of(features, labels)


def a_model(name, clips, *, n_classes=3, how="train", **settings):
    """A model of the zoo behind its normalization."""
    return start_model(Recipe(name, settings, a_trainer(), how), clips, n_classes=n_classes, seed=1)


def a_trainer(**settings):
    """Settings for a short run on one thread."""
    return Trainer(**{"epochs": 2, "batch_size": 8, "threads": 1, "device": "cpu"} | settings)
