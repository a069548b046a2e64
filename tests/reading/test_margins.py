"""Margins of figures that matplotlib drew, against where matplotlib says that the plot is."""

import io

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from earshot.reading.arrays import read_drawn
from earshot.reading.margins import NONE, Margins, cut, margins_of

VALUES = np.random.default_rng(0).random((20, 30))


def figure(*, colormap="magma", axes=True, bar=False, form="png", values=VALUES):
    """A figure of matplotlib's own size, and the box of its plot in pixels: left, top, right, bottom."""
    page = Figure(dpi=50)
    panel = page.add_subplot()
    image = panel.imshow(values, cmap=colormap, aspect="auto", vmin=0, vmax=1)
    if bar:
        page.colorbar(image)
    if axes:
        panel.set_title("A spectrogram, as tools draw it")
        panel.set_ylabel("Hz")
    else:
        panel.axis("off")
    canvas = FigureCanvasAgg(page)
    content = io.BytesIO()
    canvas.print_figure(content, format=form)
    box = panel.get_window_extent()
    height = page.bbox.height
    return Image.open(content), np.array([box.x0, height - box.y1, box.x1, height - box.y0])


def box_of(picture):
    margins, (width, height) = margins_of(picture), picture.size
    return np.array(
        [
            margins.left * width,
            margins.top * height,
            (1 - margins.right) * width,
            (1 - margins.bottom) * height,
        ]
    )


@pytest.mark.parametrize(
    "drawn",
    [
        {"axes": False},
        {},
        {"bar": True},
        {"colormap": "viridis", "form": "jpeg"},
        {"colormap": "gray_r"},
    ],
)
def test_the_plot_is_found_within_two_pixels(drawn):
    picture, box = figure(**drawn)
    np.testing.assert_allclose(box_of(picture), box, atol=2)


def test_a_plot_to_the_edges_and_a_blank_page_have_no_margins():
    assert margins_of(Image.fromarray((VALUES * 255).astype(np.uint8))) == NONE
    assert margins_of(Image.new("RGB", (20, 10), "white")) == NONE


def test_ink_on_paper_is_no_plot():
    picture = np.full((100, 100), 255, np.uint8)
    picture[40:60, 20:70] = 0
    assert margins_of(Image.fromarray(picture)) == NONE


def test_what_lies_around_the_plot_is_not_read():
    picture, _ = figure(axes=False, colormap="gray")
    content = io.BytesIO()
    picture.save(content, "png")
    whole, inside = (
        read_drawn(content.getvalue(), name="a", bands=20, frames=30, margins=margins)
        for margins in (NONE, margins_of(picture))
    )
    alike = [np.corrcoef(read.ravel(), VALUES[::-1].ravel())[0, 1] for read in (whole, inside)]
    assert alike[0] < 0.5
    assert alike[1] > 0.95


def test_a_cut_leaves_something():
    assert cut(Image.new("L", (3, 3)), Margins(0.49, 0.49, 0.49, 0.49)).size == (1, 1)
