"""Outputs of shards: the same bytes whatever was taken over, and whatever stopped the run before."""

import hashlib
import os
import shutil
import threading

import joblib
import numpy as np
import pandas as pd
import pytest

from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.reading.members import bytes_of
from earshot.store import build, finished
from earshot.store.build import build_shards
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
            (position // shard_size, name, copy, contents[name], contents[name], None, None)
            for copy in range(copies)
            for position, name in enumerate(names)
        ],
        columns=["shard", "id", "copy", "source", "path", "start_s", "end_s"],
    )
    return table.sort_values("shard", kind="stable", ignore_index=True)


MADE = []  # (id, copy, path) of the elements that were made, in order


@pytest.fixture(autouse=True)
def nothing_made():
    MADE.clear()


def drawn(element, seed):
    MADE.append(element[:3])
    text = f"{element.id}{element.copy}{element.content}{seed}"
    return np.random.default_rng(int.from_bytes(hashlib.md5(text.encode()).digest(), "big"))


def make_sounds(elements, *, seed=0, stop_at=None):
    """One row of two columns, and some bytes, for each element."""
    stop(elements, stop_at)
    rngs = [drawn(element, seed) for element in elements]
    return [([[rng.random() / 3, None]], rng.bytes(rng.integers(1, 2000))) for rng in rngs]


def make_arrays(elements, *, seed=0, stop_at=None):
    """One to three clips for each element."""
    stop(elements, stop_at)
    clips = [rng.random((rng.integers(1, 4), 2, 3)) for rng in (drawn(element, seed) for element in elements)]
    return [([[start / 7] for start in range(len(array))], array.astype(np.float32)) for array in clips]


def make_others(elements):
    return make_arrays(elements, seed=1)


class Stop(Exception):
    pass


def stop(elements, name):
    if any(name == element.id for element in elements):
        raise Stop


FORMS = {
    "tar": {"form": TAR, "make": make_sounds, "columns": ["kept", "nothing"]},
    "npy": {"form": NPY, "make": make_arrays, "columns": ["start_s"], "beside": {"settings.json": b"{}"}},
}


def run(elements, form, **changes):
    """Build; returns {name: bytes} of the output, and the elements that were made."""
    MADE.clear()
    options = {"settings": {}, "description": "test"} | FORMS[form] | changes
    build_shards("made", FOLDER, elements, **options)
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}, list(MADE)


def like(function, other):
    """The other one under the name of the function, by which the store knows what it makes."""
    other.__module__, other.__qualname__ = function.__module__, function.__qualname__
    return other


def from_scratch(elements, form, **changes):
    shutil.rmtree(finished.FOLDER)
    return run(elements, form, **changes)[0]


def finished_files(ending):
    return sorted(finished.FOLDER.glob(f"made/*/*.{ending}"))


BEFORE = {f"a/{number}": f"{number}" for number in range(11)}
CHANGES = {
    "nothing": BEFORE,
    "one added in the middle": {f"a/{n}": f"{n}" for n in (0, 1, 2, "2b", *range(3, 11))},
    "one added at the end": BEFORE | {"b": "b"},
    "one changed": BEFORE | {"a/5": "other"},
    "one removed": {name: content for name, content in BEFORE.items() if name != "a/3"},
    "one renamed": {name.replace("a/7", "a/seven"): content for name, content in BEFORE.items()},
    "two change places": BEFORE | {"a/1": "2", "a/2": "1"},
    "turned around": dict(reversed(BEFORE.items())),
    "all other": {f"c/{number}": "c" for number in range(5)},
}


@pytest.mark.parametrize("form", FORMS)
def test_shards_of_an_output_that_was_larger_are_gone(form):
    run(elements_of(BEFORE), form)
    found, _ = run(elements_of({"a/0": "0"}), form)
    ending = FORMS[form]["form"].ending
    assert [name for name in found if name.endswith(ending)] == [f"00000.{ending}"]
    assert len(finished_files(ending)) == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_taken_over_leaves_the_bytes_as_from_scratch(form, change):
    before, after = elements_of(BEFORE, copies=2), elements_of(CHANGES[change], copies=2)
    run(before, form)
    content, made = run(after, form)
    assert content == from_scratch(after, form)
    keys = ["id", "copy", "path"]
    fresh = after.merge(before[keys], how="left", indicator=True, on=keys)
    fresh = fresh[fresh["_merge"] == "left_only"]
    assert made == list(fresh[keys].itertuples(index=False, name=None))


def test_a_few_elements_of_many_shards_are_made_at_once():
    """Worker processes cost a second to start: a shard's worth is made without them."""
    run(elements_of(BEFORE), "tar")
    tasks = []

    def make(elements):
        tasks.append(len(elements))
        return make_sounds(elements)

    run(elements_of(BEFORE | {"a/1": "x", "a/5": "x", "a/9": "x"}), "tar", make=like(make_sounds, make))
    assert tasks == [3]


@pytest.mark.parametrize("form", FORMS)
def test_other_shard_sizes_take_over_all_the_same(form):
    run(elements_of(BEFORE), form)
    content, made = run(elements_of(BEFORE, shard_size=3), form)
    assert made == []
    assert content == from_scratch(elements_of(BEFORE, shard_size=3), form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", ["nothing", "one changed"])
@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
@pytest.mark.parametrize("ending", ["shard", "json"])
def test_what_is_damaged_is_made_again(form, change, damage, ending):
    run(elements_of(BEFORE), form)
    hit = finished_files(FORMS[form]["form"].ending if ending == "shard" else "json")[1]
    content = bytearray(hit.read_bytes())
    hit.unlink()  # the output's own file, perhaps
    content[len(content) // 2] ^= 1
    if damage != "gone":
        hit.write_bytes(content[:-1] if damage == "cut" else content)
    found, made = run(elements_of(CHANGES[change]), form)
    assert len(made) > (change == "one changed")
    assert found == from_scratch(elements_of(CHANGES[change]), form)


@pytest.mark.parametrize("byte", range(0, 400, 7))
def test_every_flipped_byte_beside_a_shard_is_noticed(byte):
    expected, _ = run(elements_of({"a": "a", "b": "b"}), "tar")
    (about,) = finished_files("json")
    content = bytearray(about.read_bytes())
    content[byte % len(content)] ^= 1
    about.write_bytes(content)
    assert run(elements_of({"a": "a", "b": "b"}), "tar") == (expected, [("a", 0, "a"), ("b", 0, "b")])


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": {"seed": 1}},
        {"columns": ["seconds"]},
        {"make": make_others},
    ],
    ids=["settings", "columns", "function"],
)
def test_other_settings_columns_and_functions_take_nothing_over(changes):
    run(elements_of(BEFORE), "npy")
    assert len(run(elements_of(BEFORE), "npy", **changes)[1]) == 11
    assert len(list((finished.FOLDER / "made").iterdir())) == 1


@pytest.mark.parametrize("part", ["code_hash", "library_versions"])
def test_other_code_and_other_libraries_take_nothing_over(part, monkeypatch):
    run(elements_of(BEFORE), "npy")
    monkeypatch.setattr(build, part, lambda *room: "other")
    assert len(run(elements_of(BEFORE), "npy")[1]) == 11


def test_another_processor_takes_nothing_over_where_arrays_hang_on_it(monkeypatch):
    run(elements_of(BEFORE), "npy")
    monkeypatch.setattr(build.instructions, "of_arrays", lambda: "other")
    assert len(run(elements_of(BEFORE), "npy")[1]) == 11


def test_shards_hang_on_the_gpu_that_makes_them_alone(monkeypatch):
    monkeypatch.setattr(build.instructions, "of_arrays", lambda: "x86-64")
    monkeypatch.setattr(build.instructions, "gpus", lambda: ["NVIDIA H100"])
    assert build._hardware({"settings": Sonify(), "seed": 1}) == ["x86-64"]
    assert build._hardware({"settings": Sonify(device="cuda")}) == ["x86-64", "NVIDIA H100"]
    assert build._hardware({"device": "cuda"}) == ["x86-64", "NVIDIA H100"]


def test_what_a_pretrained_model_gives_hangs_on_the_processor(monkeypatch):
    monkeypatch.setattr(build.instructions, "of_arrays", lambda: "x86-64")
    monkeypatch.setattr(build.instructions, "processor", lambda: "x86-64 of one kind")
    assert build._hardware({"model_input": {"runtime": "onnxruntime 1"}}) == ["x86-64", "x86-64 of one kind"]


def test_all_is_made_afresh_where_that_is_asked_for(monkeypatch):
    expected, _ = run(elements_of(BEFORE), "npy")
    monkeypatch.setenv("EARSHOT_AFRESH", "1")
    found, made = run(elements_of(BEFORE), "npy")
    assert (found, len(made)) == (expected, 11)


@pytest.mark.parametrize("form", FORMS)
def test_a_run_goes_on_after_the_shards_that_were_finished(form):
    expected, _ = run(elements_of(BEFORE), form)
    shutil.rmtree(finished.FOLDER)
    shutil.rmtree(FOLDER)
    stopping = like(FORMS[form]["make"], lambda elements: FORMS[form]["make"](elements, stop_at="a/9"))
    with pytest.raises(Stop):
        run(elements_of(BEFORE), form, make=stopping)
    assert not FOLDER.exists()
    content, made = run(elements_of(BEFORE), form)
    assert content == expected
    assert [name for name, *_ in made] == ["a/8", "a/9", "a/10"]


def test_a_shard_that_is_as_before_is_the_same_file():
    run(elements_of(BEFORE), "npy")
    before = (FOLDER / "00000.npy").stat().st_ino
    run(elements_of(BEFORE | {"a/9": "other"}), "npy")
    assert (FOLDER / "00000.npy").stat().st_ino == before


def test_where_files_cannot_be_linked_they_are_copied(monkeypatch):
    expected, _ = run(elements_of(BEFORE), "npy")

    def refuse(*paths):
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    assert run(elements_of(BEFORE), "npy") == (expected, [])


def test_who_makes_the_same_at_the_same_time_waits_and_takes_over():
    """Two stages share what they make: the second one finds all of it made."""
    inside, go_on = threading.Event(), threading.Event()

    def make(elements):
        inside.set()
        assert go_on.wait(60)
        return make_sounds(elements)

    options = {
        "make": like(make_sounds, make),
        "settings": {},
        "form": TAR,
        "columns": ["kept", "nothing"],
        "description": "test",
    }
    elements = elements_of({"a": "a"})
    first = threading.Thread(target=build_shards, args=("made", paths.AUDIO, elements), kwargs=options)
    second = threading.Thread(target=build_shards, args=("made", paths.AUGMENTED, elements), kwargs=options)
    first.start()
    assert inside.wait(60)
    second.start()
    go_on.set()
    first.join()
    second.join()
    assert MADE == [("a", 0, "a")]
    assert (paths.AUDIO / "00000.tar").read_bytes() == (paths.AUGMENTED / "00000.tar").read_bytes()


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
        (_, wav), *_ = make_sounds([build.Element(*element, element[2], None, None)])
        assert bytes_of(FOLDER / "00000.tar" / name) == wav
    with pytest.raises(EarshotError, match="no such member"):
        bytes_of(FOLDER / "00000.tar" / "c.wav")
