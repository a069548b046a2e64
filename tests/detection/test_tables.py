"""Tables of other programs hold any label, and are read back as they were written."""

import pytest

from earshot.config.features import Features
from earshot.dataset.segment_tables import read_segments
from earshot.detection.tables import write_audacity, write_raven

LABELS = ['"odd" bird', 'half"', "'tis", "a, b", "\\x", "#1"]


@pytest.mark.parametrize("program", ["raven", "audacity"])
def test_any_label_is_read_back(tmp_path, program):
    rows = [
        {"path": "a.wav", "start_s": place, "end_s": place + 1, "label": label, "score": 0.5, "windows": 1}
        for place, label in enumerate(LABELS)
    ]
    with (tmp_path / "a.txt").open("wb") as file:
        if program == "raven":
            write_raven(file, [(10, rows)], features=Features())
        else:
            write_audacity(file, rows)
    table = read_segments(tmp_path / "a.txt")
    assert not table.problems
    place = table.header.index("label")
    assert [row[place] for _, row in table.rows] == LABELS
