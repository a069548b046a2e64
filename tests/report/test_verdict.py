import numpy as np
import pytest

from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import write_bytes
from earshot.report import verdict
from tests.evaluation import test_verdict as claims

WATCHED = "subset 2: cnn on sound: its test part was watched in training."


def write(text):
    write_bytes(paths.VERDICT, text.encode())


def test_sentences_and_warnings_are_told_apart(in_folder):
    write("# Verdict\n\nRight on 98.1 %.\nKeeps all.\nNo floor.\n\n- first\n- second - with a dash\n")
    sentences, warnings = verdict.read()
    assert sentences == ["Right on 98.1\N{NO-BREAK SPACE}%.", "Keeps all.", "No floor."]
    assert warnings == ["first", "second - with a dash"]


def test_an_empty_verdict_says_what_to_run(in_folder):
    write("# Verdict\n")
    with pytest.raises(EarshotError, match=r"verdict\.md holds no verdict; run `dvc repro compare`"):
        verdict.read()


@pytest.mark.parametrize(
    ("answered", "titles"),
    [
        ({("sound", "cnn"): claims.right_at(0.55)}, {"Not shown to be better than guessing"}),
        ({("shuffled", "cnn"): claims.right_at(0.9)}, {"A leak between training and test"}),
        ({("shuffled", "cnn"): claims.right_at(0.2)}, {"A leak between training and test"}),
        (
            {("sound", "cnn"): claims.right_at(0.9), ("sound", "lstm"): claims.right_at(0.9, seed=1)},
            {"Differences that are not significant"},
        ),
        (
            {("sound", "cnn"): claims.right_at(0.9), ("picture", "cnn"): claims.right_at(0.4)},
            {"Not shown to be better than guessing", "What the sound keeps cannot be told"},
        ),
    ],
)
def test_every_warning_of_a_study_has_its_kind(answered, titles):
    kinds = verdict.by_kind(claims.warned(answered))
    assert {kind["title"] for kind in kinds} == titles


def test_few_groups_have_their_kind():
    table = claims.answers(claims.right_at(0.9))
    for n_groups in (1, 3):
        groups = claims.each_its_own(table)
        groups[:] = [str(number % n_groups) for number in range(len(groups))]
        kinds = verdict.by_kind(claims.warned({("sound", "cnn"): claims.right_at(0.9)}, groups))
        assert [kind["title"] for kind in kinds] == ["Few groups in the test part"]


def test_what_puts_results_in_doubt_comes_first():
    kinds = verdict.by_kind(["a and b differ, which is not significant.", "something else", WATCHED])
    assert [(kind["title"], kind["grave"]) for kind in kinds] == [
        ("A test part that was watched in training", True),
        ("Other warnings", True),
        ("Differences that are not significant", False),
    ]
    assert np.sum([len(kind["warnings"]) for kind in kinds]) == 3
