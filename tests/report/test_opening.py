"""The first screen says what was found, by sound, by picture and by guessing."""

from types import SimpleNamespace

import pandas as pd

from earshot.config.study import StudySettings
from earshot.core import paths
from earshot.core.io import write_bytes
from earshot.evaluation import wording
from earshot.evaluation.warnings import StudyWarning
from earshot.report import opening
from earshot.report.warnings import by_kind
from earshot.report.wording import decimal, limits, percent, points, short


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


def headline(table, *doubts, kind, no_skill=0.25):
    return opening.headline(table, doubts, kind=kind, no_skill=no_skill)


def said(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_title_is_the_finding():
    both = summary(sound=0.9, picture=0.93, shuffled=0.26)
    told = "cnn names 90.0 % of the sounds rightly, and 93.0 % of the pictures that they were made from"
    assert said(headline(both, kind="pictures")) == told
    alone = "cnn names 90.0 % of the recordings rightly, where guessing gets 25.0 %"
    assert said(headline(summary(sound=0.9), kind="sounds")) == alone
    pictures = "cnn names 93.0 % of the pictures rightly, where guessing gets 25.0 %"
    assert said(headline(summary(picture=0.93), kind="pictures")) == pictures


def test_three_figures_stand_beside_each_other():
    figures = opening.figures(summary(sound=0.9, picture=0.93, shuffled=0.26), no_skill=0.25)
    assert [(figure.name, figure.value) for figure in figures] == [
        ("by sound", 0.9),
        ("by picture", 0.93),
        ("with shuffled labels", 0.26),
    ]
    assert figures[0].note == "cnn, the mean of 3 runs, 80 test items, 4 classes"
    alone = opening.figures(summary(sound=0.9), no_skill=0.25)
    assert [figure.name for figure in alone] == ["named rightly", "by guessing"]


def test_unequal_classes_are_named_by_their_largest():
    told = "cnn names 93.0 % of the recordings rightly, where naming the largest class gets 90.0 %"
    assert said(headline(summary(sound=0.93), kind="sounds", no_skill=0.9)) == told
    *_, floor = opening.figures(summary(sound=0.93), no_skill=0.9)
    assert (floor.name, floor.value) == ("by naming the largest class", 0.9)
    *_, shuffled = opening.figures(summary(sound=0.93, shuffled=0.9), no_skill=0.9)[:2]
    assert said(shuffled.note).endswith(": the floor. Naming the largest class gets 90.0 %")


def test_a_best_model_that_may_be_guessing_is_not_praised():
    doubt = StudyWarning("guessing", 4, "sound", "cnn", "not shown")
    told = (
        "cnn is not shown to do better than guessing: it names 30.0 % of the recordings rightly, where guessing gets "
        "25.0 %"
    )
    assert said(headline(summary(sound=0.3), doubt, kind="sounds")) == told
    other = doubt._replace(model="lstm")
    assert "not shown" not in headline(summary(sound=0.3), other, kind="sounds")


def test_the_runs_of_each_model_are_those_it_has(in_folder):
    write_bytes(paths.BALANCED, b"id")
    params = StudySettings.model_construct(seed=0, runs=9, train=SimpleNamespace(device="cpu"))
    for runs, told in (([5, 5], "5"), ([2, 5], "2 to 5")):
        assert dict(opening.made_with(params, pd.DataFrame({"runs": runs})))["Runs of each model"] == told


def test_a_minus_is_typographic_and_nothing_is_minus_zero():
    assert wording.percent(-0.012) == "−1.2 %"
    assert wording.interval({"r": 0.1, "r_low": -0.2, "r_high": -0.0001}, "r") == "10.0 % (−20.0 to 0.0)"
    about = StudyWarning("labels", 2, "sound", "cnn", "class -1 in files/-5dB.wav is 3.0 % wrong.")
    (kind,) = by_kind([about])
    assert said(kind["warnings"][0]) == about.sentence()
    assert points(-0.0004) == "+0.0"
    assert decimal(-0.001) == "0.00"
    assert decimal(-0.011) == "−0.01"
    assert said(percent(-0.0123)) == "−1.2 %"
    assert limits(-0.012, -0.0001) == "−1.2 to 0.0"
    assert [said(short(value)) for value in (0.94, 0.995, 1.0)] == ["94 %", "99.5 %", "100 %"]
