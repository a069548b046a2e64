"""Grey squares of scikit-learn's two photographs, 427 × 640 pixels each."""

import numpy as np
from sklearn.datasets import load_sample_images

SIDE = 128
LUMA = np.array([0.299, 0.587, 0.114]) / 255
CORNERS = [(y, x) for y in (0, 128, 256) for x in (0, 128, 256, 384, 512)]


def squares(corners=CORNERS):
    """All squares of both photographs at these corners, float32, shape (items, 128, 128), 0 to 1."""
    pictures = [picture @ LUMA for picture in load_sample_images().images]
    cut = [picture[y : y + SIDE, x : x + SIDE] for picture in pictures for y, x in corners]
    return np.clip(cut, 0, 1).astype(np.float32)
