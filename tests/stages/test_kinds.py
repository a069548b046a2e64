"""The stages up to the features on a few made-up items of each kind, called as `python -m stages.NAME` calls them."""

import csv
import io
import json
import shutil
import tarfile

import joblib
import numpy as np
import pandas as pd
import pytest
import soundfile

from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_json, read_table
from earshot.dataset.rows import labelled_rows
from earshot.reading.sounds import read_sound, write_wav
from stages import augment, balance, eda, featurize, index, sonify, split
from tests.items import write_picture, write_sound
from tests.study import call, write_params

SOUNDS = {
    "subsets": [2],
    "views": ["sound"],
    "dataset.kind": "sounds",
    "dataset.path": "sounds",
    "dataset.shard_size": 8,
    "features.sample_rate": 8000,
    "features.n_fft": 256,
    "features.hop_length": 128,
    "features.n_mels": 8,
    "features.frames": 10,
}
PICTURES = {
    "subsets": [2],
    "views": ["sound", "picture"],
    "dataset.path": "pictures",
    "dataset.shard_size": 8,
    "sonify.rows": 16,
    "sonify.columns": 12,
    "sonify.iterations": 2,
}
NOISY = {"augment.copies": 2, "augment.noise_snr_db": [5.0, 20.0], "augment.stretch": [0.8, 1.25]}


@pytest.fixture(autouse=True)
def one_process():
    """Shards one after the other in this process: workers would keep the first test's folder."""
    with joblib.parallel_config("sequential"):
        yield


@pytest.fixture
def sounds(in_folder):
    """Ten recordings in each of the class folders `sounds/a` and `sounds/b`, by five speakers."""
    for place, label in enumerate("ab"):
        for number in range(10):
            path = in_folder / "sounds" / label / f"{label}_{'vwxyz'[number // 2]}_{number}.wav"
            write_sound(path, np.random.default_rng(100 * place + number), 900 + 20 * number)
    return in_folder / "sounds"


def study(view="sound", **changes):
    """Run the stages from index to featurize in the working folder."""
    write_params(paths.PARAMS.parent, **changes)
    for folder in (paths.AUDIO, paths.AUGMENTED, paths.features(view)):
        shutil.rmtree(folder, ignore_errors=True)
    for stage in (index, balance, split, sonify, augment):
        stage.main()
    call(featurize, view)
    return features(view)


def features(view):
    """rows.csv, and the array that each row names."""
    rows = read_table(paths.features(view) / "rows.csv")
    shards = {
        number: np.load(paths.shard_file(paths.features(view), number, "npy"))
        for number in set(rows["shard"])
    }
    assert all(shard.dtype == np.float32 for shard in shards.values())
    counted = rows.groupby("shard").size()
    assert all(len(shards[number]) == counted[number] for number in shards)
    return rows, np.stack([shards[shard][row] for shard, row in zip(rows["shard"], rows["row"], strict=True)])


def test_sounds_in_class_folders(sounds):
    rows, arrays = study(**SOUNDS, **{"dataset.group": "_([a-z])_"})
    items = read_table(paths.INDEX)
    assert arrays.shape == (20, 8, 10)
    assert list(rows["id"]) == list(items["id"])
    assert set(rows["copy"]) == {0}
    assert items.iloc[0][["id", "group", "duration_s", "sample_rate", "channels"]].to_list() == [
        "a/a_v_0",
        "v",
        900 / 8000,
        8000,
        1,
    ]
    for folder in (paths.AUDIO, paths.AUGMENTED):
        assert {path.name for path in folder.iterdir()} == {"rows.csv", "shards.csv"}
        assert read_table(folder / "rows.csv").empty
    assert read_json(paths.FIDELITY) == {"items": 0}
    assert read_json(paths.SPLIT_METRICS)["groups_in_two_parts"] == 0
    assert read_json(paths.features("sound") / "settings.json")["kind"] == "sounds"


def test_clips_belong_to_their_item_and_its_part(sounds):
    changes = SOUNDS | {"features.frames": None, "features.clip_s": 0.05, "features.clip_hop_s": 0.025}
    rows, arrays = study(**changes)
    assert arrays.shape[1:] == (8, 1 + 400 // 128)
    assert (rows.groupby("id").size() >= 3).all()
    assert rows["start_s"][:3].tolist() == pytest.approx([0, 0.025, 0.05])
    table = labelled_rows(rows, read_table(paths.SPLIT), classes=["a", "b"])
    assert (table.groupby("id")["split"].nunique() == 1).all()


def test_sounds_of_several_lengths_need_a_length(sounds):
    with pytest.raises(EarshotError, match=r"0\.113 to 0\.135 s.*\n.*frames: 8 or clip_s: 0\.122 holds 50%"):
        study(**SOUNDS | {"features.frames": None})


def test_sounds_in_tar_shards_with_their_labels_beside_them(sounds):
    """WebDataset: the same study from two tars, whatever the tar that an item lies in."""
    _, folders = study(**SOUNDS)
    files = sorted(sounds.rglob("*.wav"))
    for number, half in enumerate((files[::2], files[1::2])):
        with tarfile.open(sounds / f"{number:05d}.tar", "w") as tar:
            for path in half:
                for ending, content in ((".wav", path.read_bytes()), (".cls", path.parent.name.encode())):
                    entry = tarfile.TarInfo(path.stem + ending)
                    entry.size = len(content)
                    tar.addfile(entry, io.BytesIO(content))
    for label in "ab":
        shutil.rmtree(sounds / label)
    rows, arrays = study(**SOUNDS)
    assert list(rows["id"])[:2] == ["a_v_0", "a_v_1"]
    assert read_table(paths.INDEX)["path"][0] == "sounds/00000.tar/a_v_0.wav"
    np.testing.assert_array_equal(arrays, folders)
    eda.main()


def test_parts_of_one_recording_from_a_csv(in_folder):
    for number in range(5):
        write_sound(in_folder / "sounds" / f"{number}.wav", np.random.default_rng(number), 8000)
    with (in_folder / "sounds" / "labels.csv").open("w", newline="") as file:
        lines = [
            [f"{n}.wav", label, s, s + 0.25]
            for n in range(5)
            for label, s in zip("abab", (0, 0.25, 0.5, 0.75), strict=True)
        ]
        csv.writer(file).writerows([["filename", "label", "start_s", "end_s"], *lines])
    _, arrays = study(**SOUNDS | {"dataset.labels": "labels.csv"})
    items = read_table(paths.INDEX)
    assert list(items["id"][:2]) == ["0@0-0.25", "0@0.25-0.5"]
    assert items.groupby("path")["group"].nunique().tolist() == [1] * 5
    assert items["group"].nunique() == 5
    assert set(items["duration_s"]) == {0.25}
    assert len({array.tobytes() for array in arrays}) == 20


@pytest.mark.parametrize("ordered", [True, False])
def test_ready_spectrograms_with_a_csv(in_folder, ordered):
    """Named by the CSV, or in the natural order of the files: 2 before 10."""
    folder = in_folder / "arrays"
    folder.mkdir()
    for number in range(20):
        np.save(folder / f"{number}_clip_0.npy", np.full((4, 6), number, np.float32))
    lines = ["label" if ordered else "label,path"]
    lines += [f"{'ab'[n % 2]}" + ("" if ordered else f",{n}_clip_0.npy") for n in range(20)]
    (folder / "dataset.csv").write_text("\n".join(lines))
    changes = {"dataset.kind": "spectrograms", "dataset.path": "arrays", "dataset.labels": "dataset.csv"}
    changes |= {"dataset.order": "natural"} if ordered else {}
    rows, arrays = study(**{"subsets": [2], "views": ["sound"], **changes})
    assert arrays.shape == (20, 4, 6)
    assert [f"{int(array[0, 0])}_clip_0" for array in arrays] == list(rows["id"])
    items = read_table(paths.INDEX)
    assert list(items["label"]) == ["a", "b"] * 10
    assert set(zip(items["width"], items["height"], strict=True)) == {(6, 4)}


def drawn(folder, sizes):
    for number, size in enumerate(sizes):
        write_picture(folder / "ab"[number % 2] / f"{number}.png", np.random.default_rng(number), size)


DRAWN = {"subsets": [2], "views": ["sound"], "dataset.kind": "spectrograms", "dataset.path": "drawn"}


def test_drawn_spectrograms_are_resized_whole(in_folder):
    drawn(in_folder / "drawn", [(20 + n, 40 - n) for n in range(20)])
    _, arrays = study(**DRAWN, **{"features.bands": 8, "features.frames": 12})
    assert arrays.shape == (20, 8, 12)


def test_spectrograms_of_other_shapes_are_named(in_folder):
    drawn(in_folder / "drawn", [(20, 30)] * 18 + [(20, 31), (21, 30)])
    with pytest.raises(EarshotError, match=r"2 of 20 .*\n.*8\.png: 20 × 31\n.*9\.png: 21 × 30"):
        study(**DRAWN)


def test_pictures_from_a_csv_with_groups_folds_and_a_test_part(picture_folders):
    lines = [f"{label}/{n}.png,{label},g{n},{n % 4}" for label in "ab" for n in range(8)]
    (picture_folders / "labels.csv").write_text("path,label,group,fold\n" + "\n".join(lines))
    _, arrays = study(**PICTURES, **{"dataset.labels": "labels.csv", "dataset.test": 3})
    assert arrays.shape == (16, 16, 12)
    items = read_table(paths.INDEX).merge(read_table(paths.SPLIT)[["id", "split"]], on="id")
    assert ((items["split"] == "test") == (items["fold"] == "3")).all()
    assert set(items["group"]) == {f"g{n}" for n in range(8)}


@pytest.mark.parametrize(("base", "maker"), [(SOUNDS, "sounds"), (PICTURES, "picture_folders")])
def test_variants_reach_the_training_part_and_nothing_else(base, maker, request):
    request.getfixturevalue(maker)
    plain_rows, plain = study(**base)
    rows, arrays = study(**base, **NOISY)
    tars = {path: path.read_bytes() for path in paths.AUGMENTED.iterdir()}
    original = rows["copy"] == 0
    pd.testing.assert_frame_equal(rows[original].reset_index(drop=True), plain_rows)
    np.testing.assert_array_equal(arrays[original], plain)
    parts = read_table(paths.SPLIT).set_index("id")["split"]
    assert set(parts[rows["id"][~original]]) == {"train"}
    assert (~original).sum() == 2 * (parts == "train").sum()
    assert len({array.tobytes() for array in arrays}) == len(arrays)
    study(**base, **NOISY)
    assert {path: path.read_bytes() for path in paths.AUGMENTED.iterdir()} == tars


def test_a_variant_depends_on_its_item_and_copy_alone(sounds):
    """Other files come, go and change their names: what is kept has the same variants."""
    study(**SOUNDS, **NOISY)
    before = variants()
    (sounds / "a" / "a_v_0.wav").unlink()
    (sounds / "a" / "a_v_1.wav").rename(sounds / "a" / "renamed.wav")
    write_sound(sounds / "b" / "added.wav", np.random.default_rng(7))
    study(**SOUNDS | NOISY | {"balance.method": "none"})
    after = variants()
    kept = before.keys() & after.keys()
    assert len(kept) > 10
    assert all(before[name] == after[name] for name in kept)


def variants():
    found = {}
    for path in paths.AUGMENTED.glob("*.tar"):
        with tarfile.open(path) as tar:
            found |= {entry.name: tar.extractfile(entry).read() for entry in tar}
    return found


def test_a_pictures_sound_depends_on_its_name_alone(picture_folders):
    rows, arrays = study(**PICTURES | {"balance.method": "none"})
    before = dict(zip(rows["id"], arrays, strict=True))
    (picture_folders / "a" / "0.png").unlink()
    (picture_folders / "a" / "5.png").rename(picture_folders / "a" / "renamed.png")
    rows, arrays = study(**PICTURES | {"balance.method": "none"})
    after = dict(zip(rows["id"], arrays, strict=True))
    kept = before.keys() & after.keys()
    assert len(kept) == 14
    for name in kept:
        np.testing.assert_array_equal(before[name], after[name])


def test_a_loud_variant_is_scaled_down_rather_than_clipped(sounds):
    for path in sounds.rglob("*.wav"):
        signal, _ = read_sound(path, name="a")
        path.write_bytes(write_wav(0.95 * signal / np.abs(signal).max(), 8000))
    study(**SOUNDS, **{"augment.copies": 1, "augment.noise_snr_db": [0.0, 0.0]})
    for name, wav in variants().items():
        signal, _ = read_sound(wav, name=name)
        assert (np.abs(signal) > 0.9999).sum() <= 1


def test_variants_of_spectrograms_are_refused(in_folder):
    drawn(in_folder / "drawn", [(20, 30)] * 20)
    with pytest.raises(EarshotError, match=r"augment\.copies: 2, and spectrograms hold no sound"):
        study(**DRAWN, **NOISY)


def test_one_sample_is_padded_silence_is_counted_and_nan_is_refused(sounds, caplog):
    (sounds / "a" / "short.wav").write_bytes(write_wav([0.5], 8000))
    (sounds / "b" / "silent.wav").write_bytes(write_wav(np.zeros(1000), 8000))
    rows, arrays = study(**SOUNDS)
    assert np.isfinite(arrays).all()
    assert "1 silent sound(s) kept, b/silent among them" in caplog.text
    assert {"a/short", "b/silent"} <= set(rows["id"])
    soundfile.write(sounds / "a" / "bad.wav", np.array([0.0, np.nan]), 8000, subtype="FLOAT")
    with pytest.raises(EarshotError, match=r"1 of 23 items .*\n.*a/bad\.wav: 1 samples are NaN"):
        index.main()


def test_channels_that_cancel_are_told_and_one_of_them_may_be_read(sounds, caplog):
    for path in sounds.rglob("*.wav"):
        signal, rate = read_sound(path, name="a")
        soundfile.write(path, np.stack([signal, -signal], axis=1), rate)
    _, arrays = study(**SOUNDS)
    assert "20 sound(s) of which mixing leaves next to nothing" in caplog.text
    assert "silent sound" not in caplog.text
    assert np.ptp(arrays) == 0
    caplog.clear()
    _, arrays = study(**SOUNDS | {"features.channel": 2}, **NOISY)
    assert "mixing" not in caplog.text
    assert (np.ptp(arrays, axis=(1, 2)) > 0).all()


def test_bad_sounds_are_named_together(sounds):
    (sounds / "a" / "empty.wav").write_bytes(b"")
    (sounds / "b" / "text.wav").write_text("no sound")
    with pytest.raises(EarshotError, match="2 of 22 items") as error:
        study(**SOUNDS)
    assert "empty.wav" in str(error.value)
    assert "text.wav" in str(error.value)
    assert not paths.INDEX.exists()


def test_split_counts_byte_identical_items(sounds):
    shutil.copy(sounds / "a" / "a_v_0.wav", sounds / "a" / "copy.wav")
    study(**SOUNDS | {"balance.method": "none"})
    told = json.loads(paths.SPLIT_METRICS.read_text())
    assert (told["duplicates"], told["duplicates_in_two_parts"], told["groups_in_two_parts"]) == (1, 0, 0)


def test_what_models_see_of_a_picture_does_not_hang_on_the_sound(picture_folders):
    pictures = {"dataset.kind": "pictures", "dataset.path": "pictures", "subsets": [2], "sonify.rows": 16}
    folder = paths.features("picture")
    study(view="picture", **pictures)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    study(view="picture", **pictures, **{"sonify.iterations": 1, "sonify.noise_snr_db": 3.0})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
