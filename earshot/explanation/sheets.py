"""Pictures of maps over what they explain, on sheets: one row of arrays, and under it the maps over them."""

from matplotlib import colormaps

from earshot.config.inputs import ModelInput, PicturesInput, SpectrogramsInput
from earshot.core.chunks import chunks
from earshot.explanation.examples import VERDICTS
from earshot.plots.figures import figure, png, strip
from earshot.signal.axes import PIXELS, UNITLESS, Axes, of_features
from earshot.sonification.axes import of_sonified

ACROSS = 6  # items beside each other
CELL, GAP, LEFT, FOOT, HEAD = 1.55, 0.12, 0.75, 0.5, 0.62  # inches; HEAD is a block's titles and heading
PAPER = 0.8  # how bright the array's brightest place is left, so that a map stands out on it
STRENGTH = 0.75  # how much of the picture the strongest part of a map covers


def axes_of(model_input: ModelInput, *, start_s: float = 0.0) -> Axes:
    """The axes of the arrays that a model sees.

    start_s : float, where in a recording the array starts
    """
    if isinstance(model_input, PicturesInput):
        return PIXELS if model_input.view == "picture" else of_sonified(model_input.sonify)
    if isinstance(model_input, SpectrogramsInput):
        return UNITLESS
    return of_features(model_input.features, start_s=start_s)


def coloured(array, *, colormap="gray", limits=None):
    """An array in colour. float (rows, columns, 3), 0 to 1

    limits : (lowest, highest) value; None takes the array's own
    """
    low, high = limits or (array.min(), array.max())
    return colormaps[colormap]((array - low) / (high - low or 1))[..., :3]


def over(array, heat):
    """An array in grey with a map over it in colour. float (rows, columns, 3), 0 to 1

    array : shape (rows, columns), on any scale
    heat : shape of array, 0 to 1
    """
    share = STRENGTH * heat[..., None]
    return coloured(array) * PAPER * (1 - share) + coloured(heat, colormap="plasma", limits=(0, 1)) * share


def sheet(columns, *, axes, heading):
    """A PNG of pairs of arrays, one above the other, up to six pairs side by side.

    columns : list of (text, upper, lower), colour arrays (rows, columns, 3) or None, which leaves a place empty
    axes : (features.axes.Axes of the upper arrays, of the lower ones)
    """
    across = min(ACROSS, len(columns))
    blocks = list(chunks(columns, across))
    shared = axes[0] is axes[1] and all(lower is not None for _, _, lower in columns)
    between = GAP if shared else FOOT
    block = HEAD + 2 * CELL + between + FOOT
    width, height = LEFT + across * (CELL + GAP) + GAP, len(blocks) * block
    drawn = figure(width, height)
    drawn.text(0.01, 1 - 0.06 / height, heading, fontsize=9, va="top", parse_math=False)
    for number, pairs in enumerate(blocks):
        texts, *rows = zip(*pairs, strict=True)
        top = height - number * block - HEAD
        wide = len(pairs) * (CELL + GAP) - GAP
        for column, text in enumerate(texts):
            middle = LEFT + column * (CELL + GAP) + CELL / 2
            drawn.text(
                *(middle / width, (top + 0.04) / height, text),
                **{"fontsize": 8, "ha": "center", "va": "bottom", "parse_math": False},
            )
        for place, tiles in enumerate(rows):
            bottom = top - CELL - place * (CELL + between)
            panel = drawn.add_axes((LEFT / width, bottom / height, wide / width, CELL / height))
            if not any(tile is not None for tile in tiles):
                panel.set_axis_off()
                continue
            strip(panel, tiles, axes=axes[place], gap=GAP / CELL, columns=place == 1 or not shared)
    return png(drawn)


def described(item):
    """What stands over an item: its name, what the model says of it and how sure it is."""
    name = item["id"] if len(item["id"]) <= 24 else f"…{item['id'][-23:]}"
    return f"{name}\n{item['label']} → {item['predicted']}  {item['probability']:.2f}"


def galleries(items, arrays, maps, *, axes, about):
    """The sheets of items, each as it is and with its map over it.

    items : DataFrame of shown.chosen
    arrays : array, shape (items, rows, columns)
    maps : the map of each item, 0 to 1
    about : str, what the maps are of

    Yields (file name, PNG).
    """
    columns = [
        (described(item), coloured(array), over(array, heat))
        for item, array, heat in zip(items.to_dict("records"), arrays, maps, strict=True)
    ]
    for name, places in items.reset_index().groupby("sheet", sort=False).indices.items():
        item = items.iloc[places[0]]
        heading = f"{item['label']}, {VERDICTS[item['right']]} · {about}"
        yield name, sheet([columns[place] for place in places], axes=(axes, axes), heading=heading)


def mean_maps(means, classes, *, axes, about):
    """A sheet of each class's mean map, of what is right above and of what is wrong below.

    means : survey.Means, its keys (label, right)
    """
    columns = []
    for label in classes:
        pair = [means.of((label, right)) for right in (True, False)]
        counts = [found[1] if found else 0 for found in pair]
        text = f"{label}\n{counts[0]} right, {counts[1]} wrong"
        shown = [coloured(found[0], colormap="magma", limits=(0, 1)) if found else None for found in pair]
        columns.append((text, *shown))
    return sheet(
        columns, axes=(axes, axes), heading=f"mean maps of what is right, above, and wrong, below · {about}"
    )


def side_by_side(items, alike, arrays, maps, *, axes, about):
    """A sheet of items as pictures and as sounds, each with the map of its own model.

    items : DataFrame with `id`
    alike : array, the rank correlation of each item's two maps
    arrays, maps, axes : dicts of `picture` and `sound`
    """
    columns = [
        (
            f"{name}\nrank correlation {alike[place]:.2f}",
            over(arrays["picture"][place], maps["picture"][place]),
            over(arrays["sound"][place], maps["sound"][place]),
        )
        for place, name in enumerate(items["id"])
    ]
    heading = f"maps of the picture, above, and of its sound, below · {about}"
    return sheet(columns, axes=(axes["picture"], axes["sound"]), heading=heading)
