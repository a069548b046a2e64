"""The study that comes with Earshot: scikit-learn's bundled handwritten digits, real scans of 8×8 pixels."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from earshot.core.io import write_bytes
from earshot.core.paths import DIGITS


def write_digits(folder: Path = DIGITS) -> None:
    """Write the 1,797 digits as grey PNGs into `folder/<digit>/<number>.png`; ink is bright.

    Source: Alpaydin and Kaynak (1998), "Optical Recognition of Handwritten Digits", UCI.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    for number, (scan, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        buffer = io.BytesIO()
        Image.fromarray(np.round(scan * (255 / 16)).astype(np.uint8)).save(buffer, "PNG")
        write_bytes(folder / str(label) / f"{number:04d}.png", buffer.getvalue())
