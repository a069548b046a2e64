"""The page's warnings come by kind, from the table that names each warning's kind."""

from typing import get_args

import pytest

from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import write_bytes
from earshot.evaluation.warnings import Kind, StudyWarning
from earshot.report import gather, warnings

WATCHED = StudyWarning("watched", 2, "sound", "cnn", "its test part was watched in training.")
EMPTY = StudyWarning("maps", 2, "sound", "cnn", "21 % of the maps are empty.")


def test_every_kind_has_its_title():
    assert set(warnings.KINDS) == set(get_args(Kind))


def test_what_puts_results_in_doubt_comes_first():
    assert warnings.by_kind([EMPTY, WATCHED]) == [
        {
            "title": "A test part that was watched in training",
            "grave": True,
            "warnings": ["subset 2: cnn on sound: its test part was watched in training."],
        },
        {
            "title": "Maps to be read with care",
            "grave": False,
            "warnings": ["subset 2: cnn on sound: 21\N{NO-BREAK SPACE}% of the maps are empty."],
        },
    ]


def test_warnings_of_one_kind_stand_together():
    (kind,) = warnings.by_kind([WATCHED, WATCHED._replace(subset=4)])
    assert [sentence.partition(":")[0] for sentence in kind["warnings"]] == ["subset 2", "subset 4"]


def test_the_doubts_about_maps_are_warnings():
    model = {"subset": "2", "view": "sound", "model": "cnn", "doubts": ["21 % of the maps are empty."]}
    assert warnings.about_maps([model]) == [EMPTY]


def test_an_empty_verdict_says_what_to_run(in_folder):
    write_bytes(paths.VERDICT, b"# Verdict\n")
    with pytest.raises(EarshotError, match=r"verdict\.md holds no verdict; run `dvc repro compare`"):
        gather.verdict_sentences()


def test_the_verdict_is_read_without_its_warnings(in_folder):
    write_bytes(paths.VERDICT, b"# Verdict\n\nRight on 98.1 %.\nNo floor.\n\n## Warnings\n\n- first\n")
    assert gather.verdict_sentences() == ["Right on 98.1\N{NO-BREAK SPACE}%.", "No floor."]
