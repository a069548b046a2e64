"""The first screen says what was found, by sound, by picture and by guessing."""

import pandas as pd

from earshot.report import opening
from earshot.report.wording import decimal, minus, points, short


def summary(**accuracies):
    rows = [
        {
            **{"subset": 4, "view": view, "model": "cnn", "accuracy": accuracy},
            **{"accuracy_low": accuracy - 0.1, "accuracy_high": accuracy + 0.05},
            **{"chance": 0.25, "n_test": 80, "runs": 3},
        }
        for view, accuracy in accuracies.items()
    ]
    return pd.DataFrame(rows)


def said(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_title_is_the_finding():
    both = summary(sound=0.9, picture=0.93, shuffled=0.26)
    told = "cnn names 90.0 % of the sounds rightly, and 93.0 % of the pictures that they were made from"
    assert said(opening.headline(both, kind="pictures")) == told
    alone = "cnn names 90.0 % of the recordings rightly, where guessing gets 25.0 %"
    assert said(opening.headline(summary(sound=0.9), kind="sounds")) == alone
    pictures = "cnn names 93.0 % of the pictures rightly, where guessing gets 25.0 %"
    assert said(opening.headline(summary(picture=0.93), kind="pictures")) == pictures


def test_three_figures_stand_beside_each_other():
    figures = opening.figures(summary(sound=0.9, picture=0.93, shuffled=0.26))
    assert [(figure.name, figure.value) for figure in figures] == [
        ("by sound", 0.9),
        ("by picture", 0.93),
        ("with shuffled labels", 0.26),
    ]
    assert figures[0].note == "cnn, the mean of 3 runs, 80 test items, 4 classes"
    assert [figure.name for figure in opening.figures(summary(sound=0.9))] == ["named rightly", "by guessing"]


def test_a_minus_is_typographic_and_nothing_is_minus_zero():
    assert minus("cnn: -1.0 points (-3.0 to +1.0), 3-4") == "cnn: −1.0 points (−3.0 to +1.0), 3-4"
    assert points(-0.0004) == "+0.0"
    assert decimal(-0.001) == "0.00"
    assert decimal(-0.011) == "−0.01"
    assert [said(short(value)) for value in (0.94, 0.995, 1.0)] == ["94 %", "99.5 %", "100 %"]
