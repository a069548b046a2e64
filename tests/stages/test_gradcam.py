"""The stages gradcam and compare_maps on a made-up study of twelve pictures and a model that learned nothing."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from earshot.config.inputs import PicturesInput, dump_input
from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_json, read_table, write_bytes, write_json, write_table
from earshot.explanation import explain_part, sheets
from earshot.explanation.faithfulness import doubts
from earshot.models import saved
from earshot.models.build import build_model
from earshot.models.card import RunFacts
from earshot.models.normalization import Normalized
from earshot.reading.sounds import read_sound, write_wav
from earshot.sonification.sonify import geometry, read_out, sonify
from earshot.store.formats import read_tar, write_npy, write_tar
from stages import compare_maps, gradcam
from tests.models.cards import a_card
from tests.study import call, set_params, write_params

SONIFIED = Sonify(rows=16, columns=12, iterations=2)
VIEWS = ("sound", "picture")
SETTINGS = {
    **{"subsets": [2], "views": list(VIEWS), "models": ["cnn", "lstm"]},
    **{"gradcam.checked": 4, "gradcam.steps": 4},
}
BUILDS = {"cnn": {"width": 2, "dense": 8}, "lstm": {"hidden": 8}}


@pytest.fixture
def study(in_folder):
    """Twelve items, six of each class, the last four of each the test part; no val part."""
    ids = [f"{label}/{number}" for label in "ab" for number in range(6)]
    labels = [name[0] for name in ids]
    parts = ["test" if int(name[2]) > 1 else "train" for name in ids]
    split = pd.DataFrame({"id": ids, "label": labels, "group": ids, "split": parts})
    write_table(paths.SPLIT, split)
    write_table(paths.BALANCED, split.drop(columns="split").assign(hash=ids))
    pictures = np.random.default_rng(0).uniform(size=(12, 16, 12)).astype(np.float32)
    signals = sonify(pictures, ids=ids, seed=1, settings=SONIFIED)
    wavs = [write_wav(signal, SONIFIED.sample_rate) for signal in signals]
    write_tar(
        paths.shard_file(paths.AUDIO, 0, "tar"), zip([f"{name}.wav" for name in ids], wavs, strict=True)
    )
    arrays = {"sound": read_out(signals, settings=SONIFIED), "picture": pictures}
    for view in VIEWS:
        folder = paths.features(view)
        write_npy(paths.shard_file(folder, 0, "npy"), [arrays[view]])
        rows = pd.DataFrame({"shard": 0, "row": range(12), "id": ids, "start_s": 0.0, "copy": 0})
        write_table(folder / "rows.csv", rows)
        write_json(folder / "settings.json", dump_input(PicturesInput(view=view, sonify=SONIFIED)))
        for name in BUILDS:
            save_model(view, name)
    write_params(in_folder, **SETTINGS)
    return in_folder


def save_model(view, name, *, runs=1):
    card = a_card(
        name,
        settings=BUILDS[name],
        normalize="train",
        input_shape=(16, 12),
        model_input=PicturesInput(view=view, sonify=SONIFIED),
        runs=[RunFacts(epoch=1, epochs_trained=1)] * runs,
    )
    networks = [
        build_model(name, input_shape=(16, 12), outputs=1, seed=seed, **BUILDS[name])
        for seed in range(2, 2 + runs)
    ]
    statistics = {"mean": torch.full((1, 1, 1), 0.5), "std": torch.full((1, 1, 1), 0.3)}
    models = [Normalized(network, **statistics) for network in networks]
    saved.save(paths.model(2, view, name), models, card)


@pytest.fixture
def undrawn(monkeypatch):
    """Sheets are empty: a test that does not look at them need not wait for them."""
    monkeypatch.setattr(sheets, "sheet", lambda *columns, **options: b"")


def draw_all(monkeypatch):
    """A network that learned nothing has maps that are no better than random ones; they are drawn all the same."""
    monkeypatch.setattr(explain_part, "DRAWN", -3.0)


def explain(view="sound", name="cnn"):
    call(gradcam, "2", view, name)


def written():
    """Every output, by its path."""
    folders = [Path("plots"), Path("metrics"), Path("data/gradcam"), paths.MAPS.parent]
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def test_all_outputs_are_written_and_twice_alike(study):
    explain()
    plots, data = paths.plots("gradcam", 2, "sound", "cnn"), paths.gradcam(2, "sound", "cnn")
    items = read_table(data / "items.csv")
    assert set(items["id"]) == {f"{label}/{number}" for label in "ab" for number in range(2, 6)}
    assert {path.name for path in plots.iterdir()} == {"curves.csv", "means.png", *items["sheet"]}
    assert all(Image.open(path).format == "PNG" for path in plots.glob("*.png"))
    maps = np.load(data / "shown_maps.npy")
    assert maps.shape == (len(items), 16, 12)
    checked = list(read_table(data / "checked.csv")["id"])
    again = [checked.index(name) for name in items["id"] if name in checked]
    np.testing.assert_array_equal(maps[items["id"].isin(checked)], np.load(data / "maps.npy")[again])
    scores = read_json(paths.gradcam_metrics(2, "sound", "cnn"))
    assert scores["items"] == 4
    methods = read_table(data / "methods.csv")
    assert scores["method"] in set(methods["method"])
    assert list(methods["method"])[:2] == ["HiResCAM at features", "HiResCAM at features.7"]
    assert methods["chosen"].sum() == 1
    assert ((items["where"] != "") == items["drawn"]).all()
    before = written()
    explain()
    assert written() == before


def test_what_the_map_keeps_can_be_played(study, undrawn, monkeypatch):
    draw_all(monkeypatch)
    explain(name="lstm")
    kept = dict(read_tar(paths.gradcam(2, "sound", "lstm") / "kept.tar"))
    items = read_table(paths.gradcam(2, "sound", "lstm") / "items.csv")
    assert set(kept) == {f"{name}.wav" for name in items.loc[items["drawn"] == 1, "id"]}
    assert kept
    for name, wav in kept.items():
        signal, rate = read_sound(wav, name=name)
        assert (len(signal), rate) == (geometry(SONIFIED).samples, SONIFIED.sample_rate)
        assert np.abs(signal).max() > 0.9


def test_a_recurrent_model_is_labelled_as_what_it_gets(study, undrawn):
    set_params(study, **{"gradcam.method": "gradcam"})
    explain(name="lstm")
    scores = read_json(paths.gradcam_metrics(2, "sound", "lstm"))
    assert scores["method"].startswith("integrated gradients from mean")


def test_a_map_no_better_than_a_random_one_is_not_drawn_and_has_no_sound(study, undrawn, monkeypatch):
    monkeypatch.setattr(explain_part, "DRAWN", 3.0)
    explain()
    data = paths.gradcam(2, "sound", "cnn")
    items = read_table(data / "items.csv")
    assert not items["drawn"].any()
    assert not dict(read_tar(data / "kept.tar"))
    assert read_json(paths.gradcam_metrics(2, "sound", "cnn"))["drawn_share"] == 0


def test_every_run_counts_in_the_checks_of_the_maps(study, undrawn):
    save_model("sound", "cnn", runs=2)
    explain()
    scores = read_json(paths.gradcam_metrics(2, "sound", "cnn"))
    assert -1 <= scores["runs_rank_correlation"] < 1
    save_model("sound", "cnn")
    explain()
    assert "runs_rank_correlation" not in read_json(paths.gradcam_metrics(2, "sound", "cnn"))


def test_what_an_earlier_run_drew_is_gone(study, undrawn):
    explain()
    stray = paths.plots("gradcam", 2, "sound", "cnn") / "009_z_right.png"
    write_bytes(stray, b"")
    explain()
    assert not stray.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"gradcam.part": "val"}, r"gradcam.part: val has no items.*test, train"),
        ({"gradcam.layer": "classifier"}, r"gradcam.layer: 'classifier'.*features.0, "),
    ],
)
def test_what_cannot_be_explained_says_so(study, change, words):
    set_params(study, **change)
    with pytest.raises(EarshotError, match=words):
        explain()


def test_sound_and_picture_are_set_side_by_side(study, monkeypatch):
    draw_all(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(gradcam, "explanation_sheets", lambda *explanation, **options: ())
        for view in VIEWS:
            for name in BUILDS:
                explain(view, name)
    compare_maps.main()
    table = read_table(paths.MAPS)
    assert len(table) == 2 * 4
    assert table["rank_correlation"].between(-1, 1).all()
    scores = read_json(paths.MAP_METRICS)
    assert scores["pairs"] == 8
    mean = table.groupby("model")["rank_correlation"].mean()
    assert scores["2"]["lstm"]["rank_correlation"] == pytest.approx(mean["lstm"], abs=1e-5)
    sheets = {path.name: path.read_bytes() for path in (paths.PLOTS / "maps").iterdir()}
    assert set(sheets) == {"2_cnn.png", "2_lstm.png"}
    assert all(Image.open(io.BytesIO(sheet)).format == "PNG" for sheet in sheets.values())


def test_without_both_views_there_is_nothing_to_compare(study):
    set_params(study, views=["sound"])
    compare_maps.main()
    assert read_json(paths.MAP_METRICS) == {"pairs": 0}
    assert read_table(paths.MAPS).empty
    assert not list((paths.PLOTS / "maps").iterdir())


def test_views_of_other_items_are_refused(study, undrawn):
    set_params(study, models=["lstm"])
    for view in VIEWS:
        explain(view, "lstm")
    checked = paths.gradcam(2, "picture", "lstm") / "checked.csv"
    write_table(checked, read_table(checked).assign(id=["x", "y", "z", "w"]))
    with pytest.raises(EarshotError, match=r"2 classes, lstm.*gradcam"):
        compare_maps.main()


def test_a_model_that_is_left_out_has_items_and_no_maps(study):
    set_params(study, models=["cnn"], **{"gradcam.models": ["lstm"]})
    explain()
    plots, data = paths.plots("gradcam", 2, "sound", "cnn"), paths.gradcam(2, "sound", "cnn")
    items = read_table(data / "items.csv")
    assert {path.name for path in plots.iterdir()} == {"curves.csv", "means.png", *items["sheet"]}
    assert not items["drawn"].any()
    assert not np.load(data / "shown_maps.npy").any()
    scores = read_json(paths.gradcam_metrics(2, "sound", "cnn"))
    assert doubts(scores) == ["No maps are made of this model: gradcam.models leaves it out."]
    explain("picture")
    compare_maps.main()
    assert read_json(paths.MAP_METRICS) == {"pairs": 0}
