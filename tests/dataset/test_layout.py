"""Folders as data sets ship them, and the settings that read them."""

import numpy as np
import pytest

from earshot.config.dataset import Dataset
from earshot.core.errors import EarshotError
from earshot.dataset.items import capture_or_column, items_of
from earshot.dataset.layout import GENRES, recognize

CLASSES = [("dog", 0), ("rain", 1)]


def write(root, files):
    """Files of these contents; "" for a sound or a picture, which is not opened here."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def folders(*tops):
    return {f"{top}{label}/{n}.wav": "" for top in tops or [""] for label, _ in CLASSES for n in range(3)}


def esc50():
    rows = [(f"{n}-10{n}-A-{target}.wav", n, target, label) for label, target in CLASSES for n in (1, 2)]
    table = "filename,fold,target,category,esc10,src_file,take\n" + "".join(
        f"{name},{n},{target},{label},False,10{n},A\n" for name, n, target, label in rows
    )
    return {f"audio/{name}": "" for name, *_ in rows} | {"meta/esc50.csv": table}


def urbansound():
    rows = [(f"fold{n}/{n}-{target}-0-0.wav", n, target, label) for label, target in CLASSES for n in (1, 2)]
    table = "slice_file_name,fsID,start,end,salience,fold,classID,class\n" + "".join(
        f"{name.partition('/')[2]},{n},9.0,13.0,1,{n},{target},{label}\n" for name, n, target, label in rows
    )
    return {f"audio/{name}": "" for name, *_ in rows} | {"metadata/UrbanSound8K.csv": table}


def fsd50k():
    table = "fname,labels,mids,split\n" + "".join(
        f'{target}{n},"{label},Sounds",/m/1,{"val" if n == 2 else "train"}\n'
        for label, target in CLASSES
        for n in range(3)
    )
    scored = "fname,labels,mids\n" + "".join(
        f'{target}9,"{label},Sounds",/m/1\n' for label, target in CLASSES
    )
    names = [f"{target}{n}" for _, target in CLASSES for n in range(3)]
    return (
        {f"FSD50K.dev_audio/{name}.wav": "" for name in names}
        | {"FSD50K.eval_audio/09.wav": "", "FSD50K.eval_audio/19.wav": ""}
        | {"FSD50K.ground_truth/dev.csv": table, "FSD50K.ground_truth/eval.csv": scored}
        | {"FSD50K.ground_truth/vocabulary.csv": "0,Dog,/m/1\n"}
    )


def kaggle():
    header = "fname,label,manually_verified,freesound_id,license\n"
    names = ["audio_train/00.wav", "audio_train/10.wav", "audio_test/01.wav", "audio_test/11.wav"]
    return dict.fromkeys(names, "") | {
        "meta/train.csv": "fname,label,manually_verified\n00.wav,dog,1\n10.wav,rain,0\n",
        "meta/train_post_competition.csv": header + "00.wav,dog,1,7,CC\n10.wav,rain,0,8,CC\n",
        "meta/test_post_competition.csv": header + "01.wav,dog,1,9,CC\n11.wav,rain,0,6,CC\n",
    }


def gtzan():
    drawn = {f"Data/images_original/{genre}/{genre}00000.png": "" for genre in GENRES}
    sounds = {f"Data/genres_original/{genre}/{genre}.00000.wav": "" for genre in GENRES}
    return drawn | sounds | {"Data/features_30_sec.csv": "filename,length,label\nblues.00000.wav,1,blues\n"}


ROWS = "file,class,split\n" + "".join(
    f"{label}_{n}.wav,{label},{'test' if n == 2 else 'train'}\n" for label, _ in CLASSES for n in range(3)
)
FLAT = {f"{label}_{n}.wav": "" for label, _ in CLASSES for n in range(3)}
OTHER_NAMES = "clip;species;n\n" + "".join(f"{name};{name[:-6]};{n}\n" for n, name in enumerate(FLAT))
ONE_HOT = "file,dog,rain\n" + "".join(f"{name},{1 - n // 3},{n // 3}\n" for n, name in enumerate(FLAT))
LAYOUTS = {
    "ESC-50": (esc50(), {"fold": ["1", "2"], "group": ["101", "102"]}),
    "UrbanSound8K": (urbansound(), {"fold": ["1", "2"], "group": ["1", "2"]}),
    "FSD50K": (fsd50k(), {"split": ["test", "train", "val"]}),
    "FSDKaggle": (kaggle(), {"split": ["test", "train"], "group": ["6", "7", "8", "9"]}),
    "GTZAN": (gtzan(), {}),
    "class folders": (folders(), {}),
    "parts with class folders": (folders("train/", "test/"), {}),
    "table": (
        FLAT | {"labels.csv": ROWS, "notes.csv": "a,b\n1,2\n"},
        {"split": ["test", "train"]},
    ),
    "tables of parts": (
        FLAT
        | {
            "train.csv": "file,label\ndog_0.wav,dog\nrain_0.wav,rain\n",
            "test.csv": "file,label\ndog_1.wav,dog\n",
        },
        {"split": ["test", "train"]},
    ),
    "Audacity label tracks": (
        {
            "1.wav": "",
            "1.txt": "0.0\t1.0\tdog\n",
            "2.wav": "",
            "2.txt": "0.0\t1.0\train\n",
            "readme.txt": "Mine.\n",
        },
        {"end_s": [1.0]},
    ),
    "Raven selection tables": (
        {"1.wav": "", "1.selections.txt": "Begin Time (s)\tEnd Time (s)\tSpecies\n0\t1\tdog\n2\t4\train\n"},
        {"end_s": [1.0, 4.0]},
    ),
    "table ": (FLAT | {"a.csv": OTHER_NAMES}, {}),
    "table  ": (FLAT | {"a.csv": ONE_HOT}, {}),
    "labels in the order of the files": (FLAT | {"y.csv": "label\n" + "dog\n" * 3 + "rain\n" * 3}, {}),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_layout_is_recognized_and_its_settings_read_it(tmp_path, name):
    files, columns = LAYOUTS[name]
    write(tmp_path, files)
    layout = recognize(tmp_path)
    assert layout.name == name.strip()
    items = items_of(Dataset(kind=layout.kind, path=layout.path, **layout.settings))
    assert layout.settings.get("classes", ["dog", "rain"]) == ["dog", "rain"]
    assert set(items["label"]) == (GENRES if name == "GTZAN" else {"dog", "rain"})
    assert {column: sorted(set(items[column])) for column in columns} == columns


def test_one_array_with_one_of_labels(tmp_path):
    np.save(tmp_path / "X.npy", np.zeros((4, 5, 6)))
    np.save(tmp_path / "y.npy", np.array([0, 1, 1, 0]))
    layout = recognize(tmp_path)
    assert layout[:4] == ("one array", "spectrograms", str(tmp_path), {"labels": "y.npy"})


def test_class_folders_in_a_folder_that_an_archive_was_unpacked_into(tmp_path):
    write(tmp_path, folders("sounds_v2/"))
    assert recognize(tmp_path)[:3] == ("class folders", "sounds", f"{tmp_path}/sounds_v2")


def test_parts_are_told_by_the_folders_below_the_data_set_alone(tmp_path):
    write(tmp_path / "train", folders("train/", "test/"))
    layout = recognize(tmp_path / "train")
    items = items_of(Dataset(kind=layout.kind, path=layout.path, **layout.settings))
    parts = capture_or_column(items, "split", pattern=layout.settings["split"], key="dataset.split")
    assert sorted(parts) == ["test"] * 6 + ["train"] * 6


def test_a_table_beside_class_folders_changes_nothing(tmp_path):
    write(tmp_path, folders() | {"features.csv": "filename,mean,label\n0.wav,1,dog\n"})
    assert recognize(tmp_path).name == "class folders"


def test_pictures_are_no_sounds_for_the_header_of_their_table(tmp_path):
    rows = "".join(f"{n}.png,{label}\n" for n, label in enumerate(["dog", "rain"] * 2))
    write(tmp_path, {f"{n}.png": "" for n in range(4)} | {"labels.csv": f"fname,labels\n{rows}"})
    found = recognize(tmp_path)
    assert (found.kind, found.settings["labels"]) == ("pictures", "labels.csv")


def test_a_table_of_corrections_is_not_taken_for_the_labels(tmp_path):
    write(tmp_path, FLAT | {"a.csv": ROWS, "labels.csv": "id,label,correct\n" + "dog_0,dog,rain\n" * 2})
    assert recognize(tmp_path).settings["labels"] == "a.csv"


def test_arrays_beside_sounds_are_not_the_items(tmp_path):
    write(tmp_path, folders())
    np.savez(tmp_path / "stats.npz", mean=np.zeros(3))
    assert recognize(tmp_path)[:2] == ("class folders", "sounds")


def test_many_files_of_several_arrays_are_refused(tmp_path):
    for number in range(21):
        np.savez(tmp_path / f"{number}.npz", mean=np.zeros(3))
    with pytest.raises(EarshotError, match=r"more than 20 \.npz files, and none is read as one item"):
        recognize(tmp_path)


@pytest.mark.parametrize("text", [b"caf\xe9,n\n1,2\n", b"n,m\n"])
def test_a_stray_table_that_cannot_be_read_is_no_fault_where_labels_are_elsewhere(tmp_path, text):
    write(tmp_path, folders("sounds_v2/"))
    (tmp_path / "notes.csv").write_bytes(text)
    assert recognize(tmp_path).name == "class folders"


def test_a_table_that_cannot_be_read_is_named_where_the_files_lack_labels(tmp_path):
    write(tmp_path, FLAT)
    (tmp_path / "mine.csv").write_bytes(b"file,caf\xe9\ndog_0.wav,1\n")
    with pytest.raises(EarshotError, match=r"mine\.csv: cannot be read as CSV in UTF-8 \(line 1"):
        recognize(tmp_path)


def test_files_without_labels_are_said_to_be(tmp_path):
    write(tmp_path, FLAT)
    layout = recognize(tmp_path)
    assert (layout.name, list(layout.notes)) == (
        "files without labels",
        ["files lie in no folder, and no table gives them labels"],
    )


def test_a_folder_of_nothing_that_is_read_is_refused(tmp_path):
    write(tmp_path, {"a/1.doc": ""})
    with pytest.raises(EarshotError, match=r"holds no file that can be an item, none that ends in .*\.flac"):
        recognize(tmp_path)
