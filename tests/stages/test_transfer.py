"""The stage transfer on a made-up study: a picture model that tells dark from bright."""

import numpy as np
import pandas as pd
import pytest
import torch

from earshot.core import paths
from earshot.core.io import read_table, write_table
from earshot.models import saved
from earshot.models.build import build_model
from earshot.models.normalization import Normalized
from earshot.store.formats import write_npy
from stages import transfer
from tests.models.cards import a_card
from tests.study import set_params, write_params

IDS = [f"{label}/{number}" for label in "ab" for number in range(4)]
SOUND = np.array(
    [0, 0, 0, 1, 1, 1, 1, 0], dtype=np.float32
)  # what comes back of a/3 is bright, and of b/3 dark


@pytest.fixture
def study(in_folder):
    """Eight items of two classes, the last two of each the test part; class b is bright."""
    labels = [name[0] for name in IDS]
    parts = ["test" if int(name[2]) > 1 else "train" for name in IDS]
    write_table(paths.SPLIT, pd.DataFrame({"id": IDS, "label": labels, "group": IDS, "split": parts}))
    folder = paths.features("sound")
    write_npy(paths.shard_file(folder, 0, "npy"), [np.broadcast_to(SOUND[:, None, None], (8, 3, 2))])
    rows = pd.DataFrame({"shard": 0, "row": range(8), "id": IDS, "start_s": 0.0, "copy": 0})
    write_table(folder / "rows.csv", rows)
    network = build_model("linear", input_shape=(3, 2), outputs=1, seed=0)
    with torch.no_grad():
        for name, value in network.named_parameters():
            value.fill_(1.0 if name.endswith("weight") else -3.0)  # above 0 where more than half is bright
    model = Normalized(network, mean=torch.zeros(1, 1, 1), std=torch.ones(1, 1, 1))
    saved.save(paths.model(2, "picture", "linear"), [model], a_card(input_shape=(3, 2)))
    write_params(in_folder, subsets=[2], models=["linear"], **{"zoo.linear": {}})
    return in_folder


def test_the_picture_model_is_asked_about_the_sounds_test_part(study):
    transfer.main()
    table = read_table(paths.transfer(2, "linear"))
    assert table[["id", "label", "predicted"]].to_numpy().tolist() == [
        ["a/2", "a", "a"],
        ["a/3", "a", "b"],
        ["b/2", "b", "b"],
        ["b/3", "b", "a"],
    ]


def test_without_both_views_there_is_nothing_to_carry_over(study):
    paths.transfer(2, "old").parent.mkdir(parents=True)
    paths.transfer(2, "old").write_text("left over")
    set_params(study, views=["sound"])
    transfer.main()
    assert list(paths.TRANSFER.iterdir()) == []
