"""Links in a data set: followed where they stay inside, named where they do not."""

import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.items import list_items
from earshot.dataset.probe import probe
from earshot.reading.sounds import write_wav


@pytest.fixture
def recordings(tmp_path):
    """Two classes of two sounds, and a folder `elsewhere/cat` outside with two more."""
    for folder in ("rec/dog", "rec/rain", "elsewhere/cat"):
        (tmp_path / folder).mkdir(parents=True)
        for number in range(2):
            (tmp_path / folder / f"{number}.wav").write_bytes(write_wav([0.1, 0.2], 8000))
    return tmp_path / "rec"


def ids(root, **options):
    return list(list_items(root, kind="sounds", **options)["id"])


def test_a_class_folder_may_be_a_link_into_a_folder_that_is_named(recordings):
    elsewhere = recordings.parent / "elsewhere"
    (recordings / "cat").symlink_to(elsewhere / "cat")
    with pytest.raises(
        EarshotError, match=r"rec/cat is a link to .*/elsewhere/cat, outside .* dataset\.links"
    ):
        ids(recordings)
    assert ids(recordings, links=[str(elsewhere)])[:2] == ["cat/0", "cat/1"]


def test_links_that_stay_inside_are_followed(recordings):
    (recordings / ".store").mkdir()
    (recordings / "dog" / "1.wav").rename(recordings / ".store" / "kept.wav")
    (recordings / "dog" / "1.wav").symlink_to("../.store/kept.wav")
    (recordings / "wet").symlink_to("rain")
    assert ids(recordings) == ["dog/0", "dog/1", "rain/0", "rain/1", "wet/0", "wet/1"]


@pytest.mark.parametrize("store", [".git/annex/objects/3f", ".dvc/cache/files/md5/3f"])
def test_the_links_of_git_annex_and_dvc_are_followed(recordings, store):
    content = recordings.parent / store / "content"
    content.parent.mkdir(parents=True)
    (recordings / "dog" / "1.wav").rename(content)
    (recordings / "dog" / "1.wav").symlink_to(content)
    assert "dog/1" in ids(recordings)


def test_links_that_lead_back_or_nowhere_are_named_together(recordings):
    (recordings / "dog" / "up").symlink_to("..")
    (recordings / "cat").symlink_to("/mnt/nowhere/cat")
    with pytest.raises(EarshotError) as error:
        ids(recordings)
    assert "rec/dog/up is a link back to a folder that it lies in" in str(error.value)
    assert "rec/cat is a link to /mnt/nowhere/cat, which is not there" in str(error.value)


def test_links_to_content_that_was_not_fetched_are_bad_files(recordings):
    for number in range(2, 5):
        (recordings / "dog" / f"{number}.wav").symlink_to(f"../../.git/annex/objects/{number}.wav")
    (recordings / "rain" / "0.wav").write_bytes(b"")
    with pytest.raises(EarshotError, match="4 of 7 items cannot be used") as error:
        probe(list_items(recordings, kind="sounds"), kind="sounds")
    assert r"dog/2.wav: a link to ../../.git/annex/objects/2.wav, which is not there" in str(error.value)
