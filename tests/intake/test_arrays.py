"""The sizes that are guessed from what was found."""

from types import SimpleNamespace

import pandas as pd
import pytest

from earshot.intake.arrays import array_guesses


@pytest.mark.parametrize(("margin", "guessed"), [(0.2, ("auto", 60, 120)), (0.01, (None, 100, 200))])
def test_the_margins_of_drawn_spectrograms_are_cut_where_they_are_wide(margin, guessed):
    sides = {f"margin_{side}": [margin, margin] for side in ("left", "top", "right", "bottom")}
    opened = pd.DataFrame({"path": ["1.png", "2.png"], "width": 200, "height": 100, **sides})
    found = SimpleNamespace(dataset=SimpleNamespace(kind="spectrograms"), opened=opened)
    guesses = {guess.key: guess.value for guess in array_guesses(found)}
    assert tuple(guesses[f"features.{key}"] for key in ("margin", "bands", "frames")) == guessed
