"""One array of all items, with the labels in another."""

import numpy as np
import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.items import list_items
from earshot.dataset.probe import probe

RNG = np.random.default_rng(0)
ITEMS = RNG.random((4, 5, 6), dtype=np.float32)  # (items, bands, frames)


def listed(root, labels="y.npy", **settings):
    return list_items(root, kind="spectrograms", labels=labels, **settings)


def save(root, **arrays):
    for name, array in arrays.items():
        np.save(root / f"{name}.npy", array)
    return root


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.array([3, 7, 7, 3]), ["3", "7", "7", "3"]),
        (np.array([3.0, 7.0, 7.0, 3.0]), ["3", "7", "7", "3"]),
        (np.array(["dog", "cat", "cat", "dog"]), ["dog", "cat", "cat", "dog"]),
        (np.eye(2, dtype=int)[[0, 1, 1, 0]], ["0", "1", "1", "0"]),
    ],
)
def test_the_rows_of_an_array_are_items(tmp_path, labels, names, caplog):
    items = listed(save(tmp_path, X=ITEMS, y=labels))
    assert list(items["id"]) == [f"X.npy/{index}" for index in range(4)]
    assert list(items["label"]) == names
    assert list(items["path"])[2] == f"{tmp_path}/X.npy/2.npy"
    assert "left out" not in caplog.text


@pytest.mark.parametrize("shape", [(4, 5, 6), (4, 5, 6, 1), (4, 1, 5, 6)])
def test_each_item_is_opened_and_hashed_by_itself(tmp_path, shape):
    array = ITEMS.reshape(shape).copy()
    array[3] = array[0]
    items = probe(listed(save(tmp_path, X=array, y=np.arange(4))), kind="spectrograms")
    assert set(zip(items["height"], items["width"], strict=True)) == {(5, 6)}
    assert items["hash"].nunique() == 3


def test_a_npz_with_parts_and_groups(tmp_path):
    parts = {"x_train": ITEMS, "y_train": np.array([0, 1, 0, 1]), "speaker_train": np.array(list("abca"))}
    np.savez_compressed(
        tmp_path / "set.npz", **parts, x_test=ITEMS[:2] + 1, y_test=np.array([1, 0]), speaker_test=[4, 4]
    )
    items = listed(tmp_path, "set.npz", columns={"group": "speaker"})
    assert list(items["split"]) == ["test"] * 2 + ["train"] * 4
    assert list(items["group"]) == ["4", "4", "a", "b", "c", "a"]
    assert probe(items, kind="spectrograms")["hash"].nunique() == 6


def test_a_table_may_hold_the_labels_of_an_array(tmp_path):
    save(tmp_path, X=RNG.random((12, 5, 6)))
    (tmp_path / "y.csv").write_text("label\n" + "a\nb\n" * 6)
    items = listed(tmp_path, "y.csv")
    assert dict(zip(items["id"], items["label"], strict=True))["X.npy/10"] == "a"
    assert list(items["id"])[-1] == "X.npy/11"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": ITEMS[:3], "y": np.arange(4)}, r"y has 4 labels, and 0 arrays .* X \(3, 5, 6\)"),
        ({"X": ITEMS, "X2": ITEMS, "y": np.arange(4)}, "4 labels, and 2 arrays"),
        (
            {"X": ITEMS.reshape(4, 5, 2, 3), "y": np.arange(4)},
            r"shape \(4, 5, 2, 3\). Expected \(items, bands, frames",
        ),
        ({"X": ITEMS, "y": np.ones((4, 3))}, r"y has shape \(4, 3\), and not one 1 in each row"),
        (
            {"X": ITEMS, "y": np.array([0, "a", None, 1], dtype=object)},
            "y.npy: not an array that can be read",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, arrays, message):
    with pytest.raises(EarshotError, match=message):
        listed(save(tmp_path, **arrays))


def test_a_group_that_no_array_holds_is_refused(tmp_path):
    with pytest.raises(EarshotError, match=r"\{group: who\}, and no array who has 4 values; there are X"):
        listed(save(tmp_path, X=ITEMS, y=np.arange(4)), columns={"group": "who"})


def test_an_array_outside_of_the_data_set_is_refused(tmp_path):
    (tmp_path / "set").mkdir()
    root = save(tmp_path / "set", X=ITEMS)
    save(tmp_path, Z=ITEMS)
    (root / "linked.npy").symlink_to(tmp_path / "Z.npy")
    (root / "y.csv").write_text("path,label\nX.npy/0.npy,a\n../Z.npy/0.npy,b\n")
    with pytest.raises(EarshotError, match=r"line 3: '\.\./Z.npy' leads out"):
        listed(root, "y.csv")
    (root / "y.csv").write_text(f"path,label\nX.npy/0.npy,a\n{tmp_path}/Z.npy/0.npy,b\n")
    with pytest.raises(EarshotError, match=r"line 3: '/.*Z.npy' leads out"):
        listed(root, "y.csv")
    (root / "y.csv").write_text("path,label\nX.npy/0.npy,a\nlinked.npy/0.npy,b\n")
    with pytest.raises(EarshotError, match=r"line 3: .*linked.npy is a link out of"):
        listed(root, "y.csv")
    assert len(listed(root, "y.csv", links=[str(tmp_path)])) == 2


def test_the_arrays_of_each_part_go_by_their_names(tmp_path):
    train = {"x_train": ITEMS, "y_train": [0, 1, 0, 1], "a_train": list("abcd"), "b_train": list("efgh")}
    test = {
        "x_test": ITEMS[:2],
        "y_test": [1, 0],
        "b_test": list("ij"),
        "a_test": list("kl"),
        "c_test": [7, 8],
    }
    np.savez(tmp_path / "set.npz", **train, **test)
    items = listed(tmp_path, "set.npz").set_index("id")
    assert list(items.loc["set.npz/x_test/0", ["given.a", "given.b", "given.c"]]) == ["k", "i", "7"]
    assert list(items.loc["set.npz/x_train/0", ["given.a", "given.b", "given.c"]]) == ["a", "e", ""]


def test_groups_of_one_part_alone_are_refused(tmp_path):
    train = {"x_train": ITEMS, "y_train": [0, 1, 0, 1], "group_train": list("abcd")}
    np.savez(tmp_path / "set.npz", **train, x_test=ITEMS[:2], y_test=[1, 0])
    with pytest.raises(EarshotError, match="group is said of some items, and not of those of y_test"):
        listed(tmp_path, "set.npz")


def test_single_values_and_the_names_of_classes_are_no_labels(tmp_path):
    beside = {"label_smoothing": 0.1, "target_names": ["dog", "cat"]}
    np.savez(tmp_path / "set.npz", X=ITEMS, y=[0, 1, 0, 1], **beside)
    assert list(listed(tmp_path, "set.npz")["label"]) == ["0", "1", "0", "1"]
