"""The command `check` on the folders that params.yaml names."""

import pytest

from earshot.cli.check import check_folders
from earshot.config.dataset import Dataset
from earshot.core.errors import EarshotError


def test_a_data_set_that_is_not_there_is_named(in_folder):
    dataset = Dataset(path="data/rec")
    with pytest.raises(EarshotError, match=r"dataset\.path: data/rec is not there .*dvc pull"):
        check_folders(dataset)
    (in_folder / "data").mkdir()
    (in_folder / "data" / "rec").write_text("")
    with pytest.raises(EarshotError, match="data/rec is not a folder"):
        check_folders(dataset)
    (in_folder / "data" / "rec").unlink()
    (in_folder / "data" / "rec").mkdir()
    check_folders(dataset)


@pytest.mark.parametrize(
    ("name", "content"), [("data/rec.dvc", ""), ("data.dvc", ""), ("dvc.yaml", "outs: [data/rec]")]
)
def test_a_data_set_that_dvc_makes_or_fetches_need_not_be_there(in_folder, name, content):
    (in_folder / name).parent.mkdir(exist_ok=True)
    (in_folder / name).write_text(content)
    check_folders(Dataset(path="data/rec"))


def test_a_folder_of_links_that_is_not_there_is_named(in_folder):
    with pytest.raises(EarshotError, match=r"dataset\.links: \.\./archive is not a folder"):
        check_folders(Dataset(path="rec", links=["../archive"]))


def test_links_that_were_not_fetched_are_named_together(in_folder):
    """DVC reads the folder before a stage can, and stops at the first of them."""
    (in_folder / "rec" / "dog").mkdir(parents=True)
    for number in range(3):
        (in_folder / "rec" / "dog" / f"{number}.wav").symlink_to(f"../../.git/annex/objects/{number}.wav")
    with pytest.raises(EarshotError, match=r"rec holds 3 link\(s\)") as error:
        check_folders(Dataset(path="rec"))
    assert "rec/dog/2.wav: a link to ../../.git/annex/objects/2.wav, which is not there" in str(error.value)
