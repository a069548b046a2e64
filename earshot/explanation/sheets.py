"""Pictures of maps over what they explain, on sheets: one row of arrays, and under it the maps over them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from matplotlib import colormaps
from numpy.typing import NDArray

from earshot.config.inputs import EmbeddingInput, ModelInput, PicturesInput, SpectrogramsInput
from earshot.core.chunks import chunks
from earshot.explanation.faithfulness import NO_METHOD
from earshot.explanation.maps import VERDICTS, ExplainedItems, Explanation, MeanMaps
from earshot.plots.figures import figure, png, strip
from earshot.signal.axes import PIXELS, STRETCHES, UNITLESS, Axes, of_features
from earshot.sonification.axes import of_sonified

ACROSS = 6  # items beside each other
PAIRS = 12  # of a picture and its sound that are drawn
CELL, GAP, LEFT, FOOT, HEAD = 1.55, 0.12, 0.75, 0.5, 0.62  # inches; HEAD is a block's titles and heading
PAPER = 0.8  # how bright the array's brightest place is left, so that a map stands out on it
STRENGTH = 0.75  # how much of the picture the strongest part of a map covers
NO_BETTER = "map no better than chance"

Colours: TypeAlias = NDArray[np.float64]  # (rows, columns, 3), 0 to 1
Column: TypeAlias = tuple[str, Colours | None, Colours | None]


def axes_of(model_input: ModelInput, *, start_s: float = 0.0) -> Axes:
    """The axes of the arrays that a model sees.

    start_s : float, where in a recording the array starts
    """
    if isinstance(model_input, PicturesInput):
        return of_sonified(model_input.sonify) if model_input.view == "sound" else PIXELS
    if isinstance(model_input, SpectrogramsInput):
        return UNITLESS
    if isinstance(model_input, EmbeddingInput):
        return STRETCHES
    return of_features(model_input.features, start_s=start_s)


def coloured(
    array: NDArray[Any], *, colormap: str = "gray", limits: tuple[float, float] | None = None
) -> Colours:
    """An array in colour.

    array : shape (rows, columns), or red, green and blue, (3, rows, columns)
    limits : the lowest and the highest value; None takes the array's own
    """
    low, high = limits or (array.min(), array.max())
    if array.ndim == 3:
        own: Colours = ((array - low) / (high - low or 1)).transpose(1, 2, 0).astype(np.float64)
        return own
    return colormaps[colormap]((array - low) / (high - low or 1))[..., :3]


def overlay(array: NDArray[Any], heat: NDArray[Any]) -> Colours:
    """An array in grey with a map over it in colour.

    array : shape (rows, columns) or (3, rows, columns), on any scale
    heat : shape (rows, columns), 0 to 1
    """
    share = STRENGTH * heat[..., None]
    grey = array.mean(axis=0) if array.ndim == 3 else array
    return coloured(grey) * PAPER * (1 - share) + coloured(heat, colormap="plasma", limits=(0, 1)) * share


def sheet(columns: Sequence[Column], *, axes: tuple[Axes, Axes], heading: str) -> bytes:
    """A PNG of pairs of arrays, one above the other, up to six pairs side by side.

    columns : the text over a pair, its upper and its lower array; None leaves a place empty
    axes : those of the upper arrays, those of the lower ones
    """
    across = min(ACROSS, len(columns))
    blocks = list(chunks(columns, across))
    shared = axes[0] is axes[1] and all(lower is not None for _, _, lower in columns)
    between = GAP if shared else FOOT
    block = HEAD + 2 * CELL + between + FOOT
    width, height = LEFT + across * (CELL + GAP) + GAP, len(blocks) * block
    page = figure(width, height)
    page.text(0.01, 1 - 0.06 / height, heading, fontsize=9, va="top", parse_math=False)
    for number, pairs in enumerate(blocks):
        texts, *rows = zip(*pairs, strict=True)
        top = height - number * block - HEAD
        wide = len(pairs) * (CELL + GAP) - GAP
        for column, text in enumerate(texts):
            middle = LEFT + column * (CELL + GAP) + CELL / 2
            spot = middle / width, (top + 0.04) / height
            page.text(*spot, text, fontsize=8, ha="center", va="bottom", parse_math=False)
        for place, tiles in enumerate(rows):
            bottom = top - CELL - place * (CELL + between)
            panel = page.add_axes((LEFT / width, bottom / height, wide / width, CELL / height))
            if not any(tile is not None for tile in tiles):
                panel.set_axis_off()
                continue
            strip(panel, tiles, axes=axes[place], gap=GAP / CELL, columns=place == 1 or not shared)
    return png(page)


def caption(item: Mapping[Any, Any], *, no_map: str = NO_BETTER) -> str:
    """An item's name, its label, what the model predicts for it and with which probability.

    no_map : why there is none, where none is drawn
    """
    name = item["id"] if len(item["id"]) <= 24 else f"…{item['id'][-23:]}"
    last_line = "" if item["drawn"] else f"\n({no_map})"
    return f"{name}\n{item['label']} → {item['predicted']}  {item['probability']:.2f}{last_line}"


def item_sheets(
    items: pd.DataFrame,
    arrays: NDArray[Any],
    maps: NDArray[Any],
    *,
    axes: Axes,
    about: str,
    no_map: str = NO_BETTER,
) -> Iterator[tuple[str, bytes]]:
    """The sheets of items, each as it is and with its map over it.

    items : as `examples.first_right_and_wrong` gives them, and `drawn`; a map that is not drawn leaves its place empty
    arrays : shape (items, rows, columns) or (items, 3, rows, columns)
    maps : the map of each item, 0 to 1
    about : what the maps are of
    no_map : why there is none, where none is drawn

    Yields (file name, PNG).
    """
    columns: list[Column] = [
        (caption(item, no_map=no_map), coloured(array), overlay(array, heat) if item["drawn"] else None)
        for item, array, heat in zip(items.to_dict("records"), arrays, maps, strict=True)
    ]
    for name, places in items.reset_index().groupby("sheet", sort=False).indices.items():
        item = items.iloc[places[0]]
        heading = f"{item['label']}, {VERDICTS[item['right']]} · {about}"
        yield str(name), sheet([columns[place] for place in places], axes=(axes, axes), heading=heading)


def explanation_sheets(
    explanation: Explanation, classes: Sequence[str], *, axes: Axes, about: str
) -> Iterator[tuple[str, bytes]]:
    """All sheets of an explanation, (file name, PNG)."""
    shown = explanation.shown
    no_map = "no map asked for" if explanation.method == NO_METHOD else NO_BETTER
    yield from item_sheets(shown.items, shown.arrays, shown.maps, axes=axes, about=about, no_map=no_map)
    yield "means.png", mean_sheet(explanation.means, classes, axes=axes, about=about)


def mean_sheet(means: MeanMaps, classes: Sequence[str], *, axes: Axes, about: str) -> bytes:
    """A sheet of each class's mean map, of what is right above and of what is wrong below.

    means : their keys are (label, right)
    """
    columns: list[Column] = []
    for label in classes:
        right, wrong = (means.mean((label, verdict)) for verdict in (True, False))
        text = f"{label}\nmaps of {right[1] if right else 0} right, {wrong[1] if wrong else 0} wrong"
        upper, lower = (
            coloured(pair[0], colormap="magma", limits=(0, 1)) if pair else None for pair in (right, wrong)
        )
        columns.append((text, upper, lower))
    return sheet(
        columns, axes=(axes, axes), heading=f"mean maps of what is right, above, and wrong, below · {about}"
    )


def side_by_side(
    pictures: ExplainedItems,
    sounds: ExplainedItems,
    correlations: NDArray[np.float64],
    *,
    axes: tuple[Axes, Axes],
    about: str,
) -> bytes:
    """A sheet of the first items as pictures and as sounds, each with the map of its own model.

    correlations : the rank correlation of each item's two maps; NaN where one is not drawn,
        and then neither is
    axes : those of the pictures, those of the sounds
    """
    columns: list[Column] = [
        (
            f"{name}\n{_agreement(correlations[place])}",
            _with_map(pictures, place, drawn=not np.isnan(correlations[place])),
            _with_map(sounds, place, drawn=not np.isnan(correlations[place])),
        )
        for place, name in enumerate(pictures.items["id"][:PAIRS])
    ]
    heading = f"maps of the picture, above, and of its sound, below · {about}"
    return sheet(columns, axes=axes, heading=heading)


def _with_map(explained: ExplainedItems, place: int, *, drawn: bool) -> Colours:
    array = explained.arrays[place]
    return overlay(array, explained.maps[place]) if drawn else coloured(array)


def _agreement(correlation: float) -> str:
    return "one map is not drawn" if np.isnan(correlation) else f"rank correlation {correlation:.2f}"
