"""Copies of pictures are found whatever was done to them, and nothing else is."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from earshot.examination.alike_pictures import alike_pictures
from earshot.examination.measure import measure, trimmed
from earshot.reading.pictures import resize


def alike(pictures):
    small = [
        np.stack([resize(part, rows=32, columns=32) for part in (picture, trimmed(picture))])
        for picture in pictures
    ]
    return alike_pictures(
        small, np.stack([resize(picture, rows=16, columns=16).ravel() for picture in pictures])
    )


def noise(rng, count):
    return [rng.random((32, 32), dtype=np.float32) for _ in range(count)]


def drawn(rng, count):
    """Smooth shapes of 60 × 60, on black with a margin of 8."""
    return [
        np.pad(resize(rng.random((7, 7), dtype=np.float32), rows=44, columns=44), 8) for _ in range(count)
    ]


COPIES = {
    "smaller": lambda picture: resize(picture, rows=16, columns=16),
    "in a white frame": lambda picture: np.pad(picture, 10, constant_values=1),
    "with a wider margin": lambda picture: np.pad(picture, ((3, 20), (15, 0))),
    "without its margin": lambda picture: picture[8:-6, 7:-3],
}


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_is_found(kind):
    pictures = drawn(np.random.default_rng(0), 40)
    assert set(alike([*pictures, COPIES[kind](pictures[3])])) == {(3, 40)}


@pytest.mark.parametrize("border", [1, 3, 4])
def test_a_copy_whose_edges_were_cut_is_found(border):
    pictures = [picture[8:-8, 8:-8] for picture in drawn(np.random.default_rng(0), 40)]
    assert set(alike([*pictures, pictures[3][border:-border, border:-border]])) == {(3, 40)}


def test_a_picture_of_one_brightness_is_not_trimmed():
    assert trimmed(np.ones((9, 12), np.float32)).shape == (9, 12)


def test_a_frame_is_trimmed_and_then_the_margin_inside_it():
    inner = np.random.default_rng(0).random((20, 30), dtype=np.float32)
    assert np.array_equal(trimmed(np.pad(np.pad(inner, (4, 9)), 5, constant_values=1)), inner)


def test_a_copy_in_another_file_is_found_and_pictures_that_all_look_alike_are_not(tmp_path):
    rng = np.random.default_rng(0)
    varied = [
        Image.fromarray(rng.integers(0, 256, (6, 6), dtype=np.uint8)).resize((40, 30)) for _ in range(30)
    ]
    base = rng.integers(0, 200, (30, 40))  # 12 of these differ by a little noise each
    similar = [Image.fromarray((base + rng.integers(0, 20, base.shape)).astype(np.uint8)) for _ in range(12)]
    paths = [tmp_path / f"{n}.png" for n in range(42)]
    for path, picture in zip(paths, varied + similar, strict=True):
        picture.save(path)
    varied[0].resize((90, 70)).save(copied := tmp_path / "copy.jpg", quality=60)
    items = pd.DataFrame({"id": [*map(str, range(42)), "copy"], "path": [*map(str, paths), str(copied)]})
    measured = measure(items, kind="pictures", hearing=None)
    pairs = alike_pictures(measured.shapes, measured.descriptors)
    assert set(pairs) == {(0, 42)}


def test_more_copies_of_a_picture_than_neighbours_that_it_is_compared_with_are_found():
    rng = np.random.default_rng(0)
    first, *others = noise(rng, 30)
    copies = [first + 0.005 * copy for copy in noise(rng, 8)]
    assert len(alike([*copies, *others])) == 8 * 7 / 2


def test_a_single_picture_is_like_no_other():
    assert alike(noise(np.random.default_rng(0), 1)) == {}


def test_no_two_scanned_digits_are_taken_for_copies():
    assert alike(load_digits().images.astype(np.float32) / 16) == {}
