"""Sheets: the right number of panels, the right way up."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from earshot.config.features import Features
from earshot.config.inputs import PicturesInput, SoundsInput, SpectrogramsInput, input_of
from earshot.config.sonify import Sonify
from earshot.explanation import sheets
from earshot.explanation.maps import ExplainedItems, MeanMaps
from earshot.explanation.sheets import (
    ACROSS,
    axes_of,
    coloured,
    item_sheets,
    mean_sheet,
    overlay,
    side_by_side,
)
from earshot.signal.axes import PIXELS, UNITLESS

SONIFIED = PicturesInput(view="sound", sonify=Sonify(rows=16, columns=12))


def some_items(count, *, right=True):
    return pd.DataFrame(
        {
            "id": [f"{'long/' * 9}{number}" for number in range(count)],
            "label": "$a_",
            "predicted": "b",
            "probability": 0.5,
            "right": right,
            "drawn": True,
            "sheet": "000_a_right.png",
        }
    )


def maps(count):
    return np.random.default_rng(0).uniform(size=(count, 16, 12)).astype(np.float32)


def size(png):
    return Image.open(io.BytesIO(png)).size


@pytest.mark.parametrize(
    ("model_input", "top_first", "row_name"),
    [
        (SONIFIED, True, "frequency (Hz)"),
        (input_of("pictures", "shuffled", sonify=Sonify(), features=Features()), True, "frequency (Hz)"),
        (PicturesInput(view="picture", sonify=Sonify()), PIXELS.top_first, PIXELS.row_name),
        (SpectrogramsInput(features=Features()), UNITLESS.top_first, UNITLESS.row_name),
        (SoundsInput(features=Features()), False, "frequency (Hz)"),
    ],
)
def test_the_axes_are_those_of_the_view(model_input, top_first, row_name):
    axes = axes_of(model_input)
    assert (axes.top_first, axes.row_name) == (top_first, row_name)


def test_a_map_colours_where_it_is_and_leaves_the_rest_grey():
    array, heat = np.eye(4), np.zeros((4, 4))
    heat[0, 3] = 1
    drawn = overlay(array, heat)
    grey = np.ptp(drawn, axis=-1) < 1e-6
    assert not grey[0, 3]
    assert grey.sum() == 15


def test_an_array_without_contrast_can_be_coloured():
    assert np.isfinite(coloured(np.full((2, 2), 3.0))).all()


@pytest.mark.parametrize("count", [1, ACROSS, ACROSS + 1])
def test_items_go_six_to_a_row_of_a_sheet(count):
    ((name, png),) = item_sheets(
        some_items(count), maps(count), maps(count), axes=axes_of(SONIFIED), about="x"
    )
    ((_, one),) = item_sheets(some_items(1), maps(1), maps(1), axes=axes_of(SONIFIED), about="x")
    assert name == "000_a_right.png"
    assert size(png)[1] == (1 + (count > ACROSS)) * size(one)[1]
    again = dict(item_sheets(some_items(count), maps(count), maps(count), axes=axes_of(SONIFIED), about="x"))
    assert again[name] == png


def test_a_map_that_is_not_drawn_leaves_its_place_empty():
    both, one = (
        dict(
            item_sheets(some_items(2).assign(drawn=[True, second]), maps(2), maps(2), axes=PIXELS, about="x")
        )
        for second in (True, False)
    )
    colours = [
        np.ptp(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int), axis=-1) > 30
        for own in (both, one)
        for png in own.values()
    ]
    assert 0 < colours[1].sum() < 0.7 * colours[0].sum()


def test_each_sheet_is_drawn_once():
    items = pd.concat([some_items(2), some_items(1, right=False).assign(sheet="000_a_wrong.png")])
    drawn = dict(item_sheets(items, maps(3), maps(3), axes=PIXELS, about="x"))
    assert list(drawn) == ["000_a_right.png", "000_a_wrong.png"]


def test_classes_without_a_wrong_item_leave_a_place_empty():
    means = MeanMaps()
    means.add(("a", True), maps(1)[0])
    means.add(("b", False), maps(1)[0])
    assert size(mean_sheet(means, ["a", "b", "c"], axes=PIXELS, about="x"))[0] > 0


def test_mean_maps_are_counted_as_maps(monkeypatch):
    told = []
    monkeypatch.setattr(sheets, "sheet", lambda columns, **about: told.extend(text for text, *_ in columns))
    means = MeanMaps()
    means.add(("a", True), maps(1)[0])
    mean_sheet(means, ["a"], axes=PIXELS, about="x")
    assert told == ["a\nmaps of 1 right, 0 wrong"]  # an item whose map is not drawn is no part of it


def test_picture_and_sound_have_axes_of_their_own():
    both = ExplainedItems(some_items(3), maps(3), maps(3))
    axes = PIXELS, axes_of(SONIFIED)
    assert size(side_by_side(both, both, np.array([0, 0.5, np.nan]), axes=axes, about="x"))[0] > 0
