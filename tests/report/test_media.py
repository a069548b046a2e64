import base64
import io

import numpy as np
import pytest
from PIL import Image

from earshot.explanation.sheets import STRENGTH
from earshot.report import media


def opened(png, mode):
    return np.asarray(Image.open(io.BytesIO(png)).convert(mode))


def test_a_grey_picture_keeps_its_values_to_a_level():
    array = np.random.default_rng(0).uniform(size=(9, 7)).astype(np.float32)
    found = opened(media.grey(array), "L") / 255
    assert found.shape == (9, 7)
    assert np.abs(found - array).max() < 0.5 / (media.LEVELS - 1) + 1 / 255


def test_the_first_row_is_drawn_where_it_lies():
    array = np.array([[0.0, 0.0], [1.0, 1.0]])
    assert opened(media.grey(array), "L")[:, 0].tolist() == [0, 255]
    assert opened(media.grey(array, top_first=False), "L")[:, 0].tolist() == [255, 0]
    assert (
        opened(media.coloured(array, top_first=False), "L")[0, 0] > opened(media.coloured(array), "L")[0, 0]
    )


def test_a_map_covers_as_much_as_it_is_strong():
    alpha = opened(media.heat(np.array([[0.0, 0.5, 1.0]])), "RGBA")[0, :, 3] / 255
    assert alpha == pytest.approx([0, STRENGTH / 2, STRENGTH], abs=0.01)


def test_a_constant_array_is_drawn():
    assert opened(media.coloured(np.full((3, 3), 7.0)), "L").shape == (3, 3)


def test_a_large_array_is_averaged_down():
    array = np.zeros((513, 2000), np.float32)
    array[:, 1000:] = 1
    found = opened(media.grey(array), "L")
    assert found.shape == media.MOST
    assert (found[:, :250] == 0).all()
    assert (found[:, 260:] == 255).all()


def test_data_uris_hold_the_bytes():
    for uri in (media.picture_uri, media.sound_uri):
        head, _, body = uri(b"\x00\xffabc").partition(";base64,")
        assert head in ("data:image/png", "data:audio/wav")
        assert base64.b64decode(body) == b"\x00\xffabc"


def test_what_does_not_fit_spends_the_budget():
    budget = media.Budget(10)
    assert budget.take("1234", "567")
    assert not budget.take("1234")
    assert budget.spent
    assert not budget.take("1")
