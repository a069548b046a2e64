"""scripts/draw_item says in one message what it cannot draw."""

import subprocess
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
def test_what_cannot_be_drawn_is_told_in_one_message(tmp_path, arguments, told):
    write_bytes(tmp_path / paths.SPLIT, b"id,split\na,train\nb,test\n")
    write_bytes(tmp_path / paths.PARAMS, (ROOT / paths.PARAMS).read_bytes())
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/draw_item", *arguments], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
