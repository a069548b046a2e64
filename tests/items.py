"""Made-up items: pictures, sounds and spectrograms of noise."""

import numpy as np
from PIL import Image

from earshot.reading.sounds import write_wav


def write_picture(path, rng, size=(12, 10)):
    """A picture of random grey values, or colors where the size has a third number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rng.integers(0, 256, size, dtype=np.uint8)).save(path)


def write_sound(path, rng, samples=1000, *, sample_rate=8000):
    """A recording of white noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_wav(0.2 * rng.standard_normal(samples), sample_rate))


def write_spectrogram(path, rng, shape=(10, 24)):
    """A ready spectrogram, bands × frames, of values from 0 to 1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, rng.random(shape, dtype=np.float32))
