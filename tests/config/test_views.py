"""Each view has its facts, its place in charts, and one colour everywhere."""

import json
from pathlib import Path
from typing import get_args

from earshot import plots
from earshot.config.base import View
from earshot.config.views import IN_CHARTS, VIEWS

ACCURACY = Path(plots.__file__).parent / "templates/accuracy.json"


def test_every_view_has_facts_and_a_place_in_charts():
    assert sorted(get_args(View)) == sorted(VIEWS) == sorted(IN_CHARTS)
    for facts in VIEWS.values():
        assert VIEWS[facts.source].source == facts.source


def test_the_chart_of_dvc_has_the_views_in_their_order_and_colours():
    template = json.loads(ACCURACY.read_text(encoding="utf-8"))
    colours = [layer["encoding"]["color"] for layer in template["layer"] if "color" in layer["encoding"]]
    assert len(colours) == 3
    for colour in colours:
        assert colour["scale"] == {
            "domain": list(IN_CHARTS),
            "range": [VIEWS[view].light for view in IN_CHARTS],
        }
