"""What lies in a folder, and which settings read it."""

import numpy as np
import pytest
from PIL import Image

from earshot.intake.survey import survey_of
from tests.items import write_picture, write_sound


def test_a_table_above_the_data_sets_own_folder_is_read(tmp_path):
    names = [f"v2/{label}/{label}{n}.wav" for label in "ab" for n in range(2)]
    for name in names:
        write_sound(tmp_path / name, np.random.default_rng())
    table = tmp_path / "mine.csv"
    table.write_text("path,label\n" + "".join(f"{name},{n % 2}\n" for n, name in enumerate(names)))
    found = survey_of(table)
    assert (found.dataset.path, found.dataset.labels) == (tmp_path.as_posix(), "mine.csv")
    assert list(found.items["label"]) == ["0", "1", "0", "1"]


@pytest.mark.parametrize(("paper", "told"), [(8, True), (0, False)])
def test_pictures_with_paper_around_a_plot_may_be_drawn_spectrograms(tmp_path, paper, told):
    rng = np.random.default_rng(0)
    for name in ("a/0.png", "a/1.png", "b/0.png", "b/1.png"):
        write_picture(tmp_path / name, rng, (30, 40))
        with Image.open(tmp_path / name) as plot:
            page = Image.new("L", (40 + 2 * paper, 30 + 2 * paper), 255)
            page.paste(plot.point(lambda value: value // 2), (paper, paper))
        page.save(tmp_path / name)
    said = [note for note in survey_of(tmp_path).notes if "--kind spectrograms" in note]
    assert bool(said) == told
    assert not [note for note in survey_of(tmp_path, answers={"kind": "pictures"}).notes if "--kind" in note]


def test_an_empty_class_folder_is_named(picture_folders):
    for name in ("c", ".hidden"):
        (picture_folders / name).mkdir()
    assert "empty, and so no class: c" in survey_of(picture_folders).notes
