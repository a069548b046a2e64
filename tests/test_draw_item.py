"""scripts/draw_item says in one message what it cannot draw."""

import runpy
import sys

import pytest

from earshot.core import paths
from earshot.core.io import write_bytes
from tests.repository import ROOT


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "scripts/draw_item ITEM OUT.png OUT.wav: give"),
        (["c", "out.png", "out.wav"], "data/split.csv has no item 'c'"),
        (["a", "out.png", "out.wav"], "'a' is of the train part: give an item of the test part"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_message(in_folder, monkeypatch, arguments, told):
    write_bytes(paths.SPLIT, b"id,split\na,train\nb,test\n")
    write_bytes(paths.PARAMS, (ROOT / paths.PARAMS).read_bytes())
    monkeypatch.setattr(sys, "argv", ["scripts/draw_item", *arguments])
    with pytest.raises(SystemExit) as end:  # whose text Python prints, and exits 1
        runpy.run_path(str(ROOT / "scripts/draw_item"), run_name="__main__")
    assert told in end.value.code
