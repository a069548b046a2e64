"""Outputs put together from elements: the same bytes whatever was taken over, and whatever stopped the run before."""

import hashlib

import joblib
import numpy as np
import pandas as pd
import pytest

from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.reading.members import bytes_of
from earshot.store import dvc_cache
from earshot.store.build import assemble
from earshot.store.formats import NPY, TAR

FOLDER = paths.AUDIO


@pytest.fixture(autouse=True)
def one_process(in_folder):
    """Shards one after the other in this process, in an empty folder."""
    with joblib.parallel_config("sequential"):
        yield


def elements_of(contents, *, shard_size=4, copies=1):
    """Elements of {id: content}, with the content as its own hash, and `copies` of each after the shard's items."""
    names = list(contents)
    table = pd.DataFrame(
        [
            (position // shard_size, name, copy, contents[name])
            for copy in range(copies)
            for position, name in enumerate(names)
        ],
        columns=["shard", "id", "copy", "source"],
    )
    return table.sort_values("shard", kind="stable", ignore_index=True)


def seen(name, copy, source):
    return np.random.default_rng(
        int.from_bytes(hashlib.md5(f"{name}{copy}{source}".encode()).digest(), "big")
    )


def make_sounds(task):
    """One row of two columns, and some bytes, for each element."""
    made = []
    for element in task:
        rng = seen(*element)
        made.append(([[rng.random() / 3, None]], rng.bytes(rng.integers(1, 2000))))
    return made


def make_arrays(task):
    """One to three clips for each element."""
    made = []
    for element in task:
        rng = seen(*element)
        clips = rng.random((rng.integers(1, 4), 2, 3)).astype(np.float32)
        made.append(([[start / 7] for start in range(len(clips))], clips))
    return made


FORMS = {
    "tar": {"form": TAR, "make": make_sounds, "columns": ["kept", "nothing"]},
    "npy": {"form": NPY, "make": make_arrays, "columns": ["start_s"], "beside": {"settings.json": b"{}"}},
}


def run(elements, form, **changes):
    """Assemble; returns {name: bytes} of the output, and the elements that were made."""
    made = []
    options = FORMS[form] | changes

    def task(rows):
        keys = list(zip(rows["id"], rows["copy"], rows["source"], strict=True))
        made.extend(keys)
        return keys

    assemble("stage", FOLDER, elements, task=task, **{"settings": {}, "description": "test"} | options)
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}, made


def into_cache(monkeypatch, content):
    """Let the output be what the previous run left; returns the folder that stands for the cache."""
    cache = paths.CHECKPOINTS.parent / "cache"
    cache.mkdir(exist_ok=True)
    kept = {}
    for name, data in content.items():
        (cache / name).write_bytes(data)
        (FOLDER / name).unlink()
        kept[name] = dvc_cache.Kept(cache / name, hashlib.md5(data).hexdigest())
    monkeypatch.setattr(dvc_cache, "output", lambda stage, folder: kept)
    return cache


def nothing_kept(monkeypatch):
    for path in FOLDER.iterdir():
        path.unlink()
    monkeypatch.setattr(dvc_cache, "output", lambda stage, folder: {})


BEFORE = {f"a/{number}": f"{number}" for number in range(11)}
CHANGES = {
    "nothing": BEFORE,
    "one added in the middle": {f"a/{n}": f"{n}" for n in (0, 1, 2, "2b", *range(3, 11))},
    "one added at the end": BEFORE | {"b": "b"},
    "one changed": BEFORE | {"a/5": "other"},
    "one removed": {name: content for name, content in BEFORE.items() if name != "a/3"},
    "one renamed": {name.replace("a/7", "a/seven"): content for name, content in BEFORE.items()},
    "two change places": BEFORE | {"a/1": "2", "a/2": "1"},
    "all other": {f"c/{number}": "c" for number in range(5)},
}


@pytest.mark.parametrize("form", FORMS)
def test_shards_of_an_output_that_was_larger_are_gone(form, monkeypatch):
    run(elements_of(BEFORE), form)
    monkeypatch.setattr(dvc_cache, "output", lambda stage, folder: {})
    ending = FORMS[form]["form"].ending
    found, _ = run(elements_of({"a/0": "0"}), form)
    assert [name for name in found if name.endswith(ending)] == [f"00000.{ending}"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_taken_over_leaves_the_bytes_as_from_scratch(form, change, monkeypatch):
    before, after = elements_of(BEFORE, copies=2), elements_of(CHANGES[change], copies=2)
    into_cache(monkeypatch, run(before, form)[0])
    content, made = run(after, form)
    nothing_kept(monkeypatch)
    assert content == run(after, form)[0]
    keys = ["id", "copy", "source"]
    fresh = after.merge(before[keys], how="left", indicator=True, on=keys)
    fresh = fresh[fresh["_merge"] == "left_only"]
    assert made == list(fresh[keys].itertuples(index=False, name=None))


def test_a_few_elements_of_many_shards_are_made_at_once(monkeypatch):
    """Worker processes cost a second to start: a shard's worth is made without them."""
    into_cache(monkeypatch, run(elements_of(BEFORE), "tar")[0])
    tasks = []

    def make(task):
        tasks.append(len(task))
        return make_sounds(task)

    run(elements_of(BEFORE | {"a/1": "x", "a/5": "x", "a/9": "x"}), "tar", make=make)
    assert tasks == [3]


@pytest.mark.parametrize("form", FORMS)
def test_other_shard_sizes_take_over_all_the_same(form, monkeypatch):
    into_cache(monkeypatch, run(elements_of(BEFORE), form)[0])
    content, made = run(elements_of(BEFORE, shard_size=3), form)
    assert made == []
    nothing_kept(monkeypatch)
    assert content == run(elements_of(BEFORE, shard_size=3), form)[0]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("damage", ["flipped", "cut", "gone", "rows.csv", "shards.csv"])
def test_a_damaged_cache_object_is_made_again(form, damage, monkeypatch):
    expected, _ = run(elements_of(BEFORE), form)
    cache = into_cache(monkeypatch, expected)
    hit = cache / (damage if damage.endswith(".csv") else paths.shard_file("", 1, form).name)
    content = bytearray(hit.read_bytes())
    content[len(content) // 2] ^= 1
    hit.write_bytes(content[:-1] if damage == "cut" else content)
    if damage == "gone":
        hit.unlink()
    found, made = run(elements_of(BEFORE), form)
    assert found == expected
    assert len(made) == (11 if damage.endswith(".csv") else 4)


def test_other_columns_and_other_settings_beside_take_nothing_over(monkeypatch):
    expected, _ = run(elements_of(BEFORE), "npy")
    into_cache(monkeypatch, expected)
    assert len(run(elements_of(BEFORE), "npy", beside={"settings.json": b"other"})[1]) == 11
    assert len(run(elements_of(BEFORE), "npy", columns=["seconds"])[1]) == 11


class Stop(Exception):
    pass


def stopped_at(name, make):
    def stopping(task):
        if any(name == item for item, *_ in task):
            raise Stop
        return make(task)

    return stopping


@pytest.mark.parametrize("form", FORMS)
def test_a_run_goes_on_after_the_shards_that_were_finished(form):
    expected, _ = run(elements_of(BEFORE), form)
    for path in FOLDER.iterdir():
        path.unlink()
    with pytest.raises(Stop):
        run(elements_of(BEFORE), form, make=stopped_at("a/9", FORMS[form]["make"]))
    assert not list(FOLDER.iterdir())
    content, made = run(elements_of(BEFORE), form)
    assert content == expected
    assert [name for name, *_ in made] == ["a/8", "a/9", "a/10"]
    assert not list(paths.CHECKPOINTS.iterdir())


@pytest.mark.parametrize("other", ["settings", "elements"])
def test_finished_shards_of_another_run_are_left_alone(other):
    with pytest.raises(Stop):
        run(elements_of(BEFORE), "tar", make=stopped_at("a/9", make_sounds))
    changed = elements_of(BEFORE | {"a/9": "other"} if other == "elements" else BEFORE)
    assert len(run(changed, "tar", settings={} if other == "elements" else {"seed": 1})[1]) == 11


def test_a_finished_shard_that_the_disk_lost_is_made_again():
    expected, _ = run(elements_of(BEFORE), "tar")
    with pytest.raises(Stop):
        run(elements_of(BEFORE), "tar", make=stopped_at("a/9", make_sounds))
    (first, second) = sorted(paths.CHECKPOINTS.glob("*/*.tar"))
    first.write_bytes(bytes(first.stat().st_size))
    second.with_suffix(".json").write_bytes(b"")
    content, made = run(elements_of(BEFORE), "tar")
    assert content == expected
    assert len(made) == 11


@pytest.mark.parametrize("form", FORMS)
def test_no_elements_leave_an_empty_table(form):
    content, made = run(elements_of({}), form)
    assert made == []
    assert content["rows.csv"].decode().splitlines() == [
        ",".join(["shard", "row", "id", "copy", "source", *FORMS[form]["columns"]])
    ]


def test_members_can_be_read_by_their_path():
    content, _ = run(elements_of({"a/1": "one", "b": "two"}, copies=2), "tar")
    assert set(content) == {"00000.tar", "rows.csv", "shards.csv"}
    for name, element in {"b.wav": ("b", 0, "two"), "a/1~1.wav": ("a/1", 1, "one")}.items():
        assert bytes_of(FOLDER / "00000.tar" / name) == make_sounds([element])[0][1]
    with pytest.raises(EarshotError, match="no such member"):
        bytes_of(FOLDER / "00000.tar" / "c.wav")
