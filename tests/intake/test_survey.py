"""What lies in a folder, and which settings read it."""

import numpy as np

from earshot.intake.survey import survey
from tests.items import write_sound


def test_a_table_above_the_data_sets_own_folder_is_read(tmp_path):
    names = [f"v2/{label}/{label}{n}.wav" for label in "ab" for n in range(2)]
    for name in names:
        write_sound(tmp_path / name, np.random.default_rng())
    table = tmp_path / "mine.csv"
    table.write_text("path,label\n" + "".join(f"{name},{n % 2}\n" for n, name in enumerate(names)))
    found = survey(table)
    assert (found.dataset.path, found.dataset.labels) == (tmp_path.as_posix(), "mine.csv")
    assert list(found.items["label"]) == ["0", "1", "0", "1"]
