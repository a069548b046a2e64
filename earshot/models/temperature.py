"""What a temperature does to a model's probabilities: it draws them apart, or together, and leaves the answer.

In go the probabilities averaged over a model's runs and an item's clips; out come those of Guo et al. (2017), "On
calibration of modern neural networks", float64.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEAST = float(np.finfo(np.float32).tiny)  # a probability below it is taken for it: its logarithm is finite


def at_temperature(probabilities: ArrayLike, temperature: float) -> NDArray[np.float64]:
    """Probabilities in proportion to p ** (1 / temperature), shape (..., classes).

    probabilities : shape (..., classes)
    temperature : above 1 where the model is more confident than it is right, below 1 where it is less
    """
    logits = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), LEAST)) / temperature
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
