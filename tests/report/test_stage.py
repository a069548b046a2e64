"""The stage report on made-up studies: what is on the page, what is left out, and what it needs."""

import hashlib
import html
import json
import re
import shutil
import subprocess
from itertools import cycle, islice

import pandas as pd
import pytest

from earshot.config.views import VIEWS
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_json, read_table, write_bytes
from earshot.evaluation.predictions import checked
from earshot.models.card import read_card
from earshot.report import embed, examined, gather, items, models, overview
from earshot.report.media import sound_uri
from earshot.report.pages import island
from earshot.store.formats import read_tar
from stages import report
from tests.report import made_up
from tests.study import set_params


def page_of(folder):
    return (folder / "report/index.html").read_text(encoding="utf-8")


def data_of(folder):
    (text,) = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>', page_of(folder), re.DOTALL
    )
    return json.loads(text)


def test_the_page_asks_for_nothing(made):
    page = page_of(made)
    assert "default-src &#39;none&#39;" in page
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', markup) == []
    assert "url(" not in markup
    assert "@import" not in markup


def test_written_twice_it_is_the_same(study):
    before = paths.REPORT.read_bytes()
    report.main()
    assert paths.REPORT.read_bytes() == before


def test_no_class_name_is_markup(of_pictures):
    """Names appear as text, in the markup and in the data alike."""
    page = page_of(of_pictures)
    assert "document.title='hacked'</script>" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=document.title=" in page
    assert data_of(of_pictures)["models"][0]["classes"] == made_up.HOSTILE[:2]


def test_no_text_ends_the_data():
    text = ["</script>", "<!--", "\u2028", "&amp;", "ü"]
    found = island(text)
    assert not set("<>&\u2028") & set(found)
    assert json.loads(found) == text


def test_every_model_has_its_part(of_pictures):
    models = data_of(of_pictures)["models"]
    assert [(one["subset"], one["view"]) for one in models] == [
        (subset, view) for subset in "23" for view in made_up.PICTURES["views"]
    ]
    for model in models:
        k = int(model["subset"])
        assert len(model["perClass"]) == k
        assert {row["part"] for row in model["curves"]} == {"train", "val"}
        assert {row["run"] for row in model["curves"]} == {1, 2, 3}
        assert [(run["epoch"], run["epochs"]) for run in model["runs"]] == [(2, 3), (2, 4), (2, 5)]
        assert sum(cell["count"] for cell in model["confusion"]["test"]["cells"]) == 3 * k * made_up.RUNS
        assert len(model["mistakes"]) == min(model["wrong"], embed.MISTAKES)
        assert model["reliability"]


def test_the_gallery_holds_the_items_that_gradcam_chose(of_pictures):
    for model in data_of(of_pictures)["models"]:
        with made_up.working_in(of_pictures):
            chosen = read_table(paths.gradcam(model["subset"], model["view"], "cnn") / "items.csv")
        turns = chosen.groupby("sheet").cumcount()  # the first of every class before any second one
        chosen = chosen.iloc[turns.argsort(kind="stable")]
        assert [entry["id"] for entry in model["entries"]] == list(chosen["id"])
        assert [entry["right"] for entry in model["entries"]] == [bool(right) for right in chosen["right"]]
        assert all(("kept" in entry) == (model["view"] == "sound") for entry in model["entries"])
        drawn = model["view"] != "shuffled"
        assert all(("map" in entry) == bool(entry["where"]) == drawn for entry in model["entries"])


def test_each_item_of_the_gallery_says_how_many_runs_are_right(of_pictures):
    (model,) = [
        one for one in data_of(of_pictures)["models"] if (one["subset"], one["view"]) == ("3", "sound")
    ]
    with made_up.working_in(of_pictures):
        answers = read_table(paths.predictions(3, "sound", "cnn"))
    for entry in model["entries"]:
        own = answers[answers["id"] == entry["id"]]
        assert entry["rightRuns"] == (own["label"] == own["predicted"]).sum()
        assert entry["mean"] == pytest.approx(own[entry["predicted"]].mean())
        assert entry["probability"] == pytest.approx(own.loc[own["run"] == 1, entry["predicted"]].item())


def test_silent_clips_are_told_on_the_page_and_in_the_verdict(of_sounds):
    for told in (page_of(of_sounds), (of_sounds / paths.VERDICT).read_text()):
        assert re.search(r"1 of \d+ clips are silent as far as the models see them", told)


def test_sounds_and_kept_sounds_are_those_of_the_study(of_pictures):
    data = data_of(of_pictures)
    with made_up.working_in(of_pictures):
        wavs = dict(read_tar(paths.shard_file(paths.AUDIO, 0, "tar")))
        kept = dict(read_tar(paths.gradcam(3, "sound", "cnn") / "kept.tar"))
    (model,) = [one for one in data["models"] if (one["subset"], one["view"]) == ("3", "sound")]
    for entry in model["entries"]:
        assert data["media"][entry["id"]]["sound"] == sound_uri(wavs[f"{entry['id']}.wav"])
        assert entry["kept"] == sound_uri(kept[f"{entry['id']}.wav"])


def test_every_kind_shows_and_plays_what_it_has(made):
    names, row_name = {
        "pictures": ({"colour", "picture", "back", "spectrogram", "sound"}, "frequency (Hz)"),
        "sounds": ({"spectrogram", "sound"}, "frequency (Hz)"),
        "spectrograms": ({"spectrogram"}, "band"),
    }[made.name.removeprefix("study of ")]
    data = data_of(made)
    assert {frozenset(one) for one in data["media"].values()} == {frozenset(names)}
    assert set(data["axes"]) == names - {"sound"}
    assert data["axes"]["spectrogram"]["rowName"] == row_name


def test_recordings_have_a_chart_of_their_durations(made):
    rows = data_of(made)["durations"]
    is_sounds = made.name.endswith("sounds")
    assert sum(row["count"] for row in rows) == (2 * made_up.EACH if is_sounds else 0)
    assert ('id="durations-chart"' in page_of(made)) == is_sounds


def test_a_spectrogram_has_its_low_frequencies_at_the_bottom(made):
    """Labels run from the top: the higher the frequency, the smaller its place."""
    ticks = data_of(made)["axes"]["spectrogram"]["rows"]
    hertz = [float(label) for _, label in sorted(ticks, reverse=True)]
    assert hertz == sorted(hertz)


def test_the_settings_are_those_that_were_used(of_pictures):
    page = page_of(of_pictures)
    assert "rows: 16" in page
    assert "per_class: 2" in page
    assert all(f"<dt>{name}</dt>" in page for name in gather.MADE_WITH)


def test_the_commit_of_the_page_is_the_first_that_its_command_names(of_pictures, tmp_path):
    page = page_of(of_pictures)
    (command,) = re.findall(r'<code id="find-commit">(.*?)</code>', page)
    write_bytes(tmp_path / "report/index.html", page.encode())
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for names in ("another", hashlib.md5(page.encode()).hexdigest(), "a third"):
        write_bytes(tmp_path / "dvc.lock", f"md5: {names}\n".encode())
        for words in (
            ["init", "--quiet"],
            ["add", "dvc.lock"],
            ["commit", "--quiet", "-m", f"Record {names}"],
        ):
            subprocess.run([*git, *words], cwd=tmp_path, check=True)
    told = subprocess.run(
        ["bash", "-c", html.unescape(command)], cwd=tmp_path, capture_output=True, text=True
    )
    first, _ = told.stdout.splitlines()
    assert first.endswith(f"Record {hashlib.md5(page.encode()).hexdigest()}")


def test_no_line_breaks_between_a_number_and_its_percent_sign(made):
    """But in what a list to choose from says, which has one line."""
    markup = re.sub(r"<(script|style|option|pre).*?</\1>", "", page_of(made), flags=re.DOTALL)
    assert re.findall(r".{30}\d %", markup) == []


def test_each_view_has_its_colour_in_the_chart_of_accuracy(of_pictures):
    assert all(f".dots li.{view} {{ --own: var(--{view}); }}" in page_of(of_pictures) for view in VIEWS)


def test_the_map_has_every_test_item_with_its_place_and_its_answer(of_pictures):
    media = data_of(of_pictures)["media"]
    for model in data_of(of_pictures)["models"]:
        cell = model["subset"], model["view"], model["model"]
        found, classes = model["overview"], model["classes"]
        predictions = read_table(of_pictures / paths.predictions(*cell))
        first = predictions[predictions["run"] == 1].set_index("id").loc[found["ids"]]
        assert sorted(found["ids"]) == sorted(predictions["id"].unique())
        assert [classes[place] for place in found["label"]] == first["label"].tolist()
        assert [classes[place] for place in found["predicted"]] == first["predicted"].tolist()
        assert 0 < sum(found["shares"]) <= 1
        assert found["left_out"] == 0
    best = data_of(of_pictures)["best"]
    (of_best,) = [
        one["overview"]
        for one in data_of(of_pictures)["models"]
        if [one["subset"], one["view"], one["model"]] == best
    ]
    assert all("sound" in media[name] for name in of_best["ids"])


def test_of_many_items_the_map_has_every_so_many_th(study, monkeypatch):
    monkeypatch.setattr(overview, "MOST", 4)
    cell = (3, "sound", "cnn")
    table = checked(read_table(paths.predictions(*cell)))
    ids = table["id"].unique().tolist()
    found = overview.overview(cell, table)
    assert found["ids"] == [ids[0], *found["ids"][1:3], ids[-1]]
    assert found["left_out"] == len(ids) - 4
    assert len(found["x"]) == len(found["label"]) == 4
    monkeypatch.setattr(overview, "MOST", 1)
    assert set(overview.overview(cell, table)["label"]) == {0, 1, 2}  # a class of one item is not lost


def entries_of(found):
    return sum(len(own) for own in found.entries.values())


def found_items(**budgets):
    predictions = {(k, "sound", "cnn"): read_table(paths.predictions(k, "sound", "cnn")) for k in (2, 3)}
    model_input = read_card(paths.model(2, "sound", "cnn")).input
    return embed.embed_items(
        predictions,
        items.Items(read_table(paths.BALANCED), model_input=model_input, features=paths.features("sound")),
        **budgets,
    )


def test_what_does_not_fit_is_said(study):
    whole = found_items()
    assert whole.left_out == []
    tight = found_items(picture_bytes=15_000, sound_bytes=2_500)
    assert 0 < entries_of(tight) < entries_of(whole)
    assert 0 < sum("sound" in one for one in tight.media.values()) < len(tight.media)
    left = entries_of(whole) - entries_of(tight)
    assert tight.left_out[0].startswith(f"{left} of {entries_of(whole)} items of the gallery are left out")
    assert [re.sub(r"\d+", "N", sentence).partition(" are")[0] for sentence in tight.left_out[1:]] == [
        "N of N pictures of mistakes",
        "N of N sounds",
        "N of N sounds of what a map keeps",
    ]


def test_the_page_stays_below_15_mb(of_pictures):
    """With all the pictures and sounds that it may have, and 15 models of 30 classes and five runs of 40 epochs."""
    media = embed.PICTURE_BYTES + embed.SOUND_BYTES + examined.PICTURE_BYTES + examined.SOUND_BYTES
    data = data_of(of_pictures)
    rest = len(page_of(of_pictures)) - len(island(data))
    (model,) = [one for one in data["models"] if (one["subset"], one["view"]) == ("3", "sound")]
    entries = [
        {key: value for key, value in entry.items() if not str(value).startswith("data:")}
        for entry in model["entries"]
    ]
    swollen = {
        "perClass": as_many(model["perClass"], 30),
        "curves": as_many(model["curves"], 5 * 40 * 2 * 3),
        "reliability": as_many(model["reliability"], 15),
        "entries": as_many(entries, 30 * 2),
        "mistakes": as_many(model["mistakes"], embed.MISTAKES),
        "overview": {
            key: column if key in ("shares", "left_out") else as_many(column, overview.MOST)
            for key, column in model["overview"].items()
        },
        "subgroups": [by | {"rows": as_many(by["rows"], models.MOST_GROUPS)} for by in model["subgroups"]],
        "confusion": {
            part: own | {"cells": as_many(own["cells"], 30 + models.MIXED_UP)}
            for part, own in model["confusion"].items()
        },
    }
    assert set(swollen) < set(model)
    text = island(data | {"media": {}, "models": [model | swollen] * 15})
    for name in made_up.HOSTILE:
        text = text.replace(island(name)[1:-1], "some class")
    assert "hacked" not in text
    assert media + rest + len(text) < 15_000_000
    assert len(text) > 15 * 100_000


def as_many(rows, count):
    """So many rows, of the given ones in turn."""
    return list(islice(cycle(rows), count))


def test_a_full_page_has_the_first_item_of_each_class(study):
    tight = found_items(picture_bytes=15_000)
    labels = {entry["label"] for own in tight.entries.values() for entry in own}
    assert labels == set(made_up.HOSTILE)


def test_the_surest_mistakes_come_first_and_those_of_several_runs_stand_together():
    wrong = [(1, "x", "a", "b", 0.1, 0.9), (1, "y", "a", "b", 0.4, 0.6), (2, "y", "a", "b", 0.2, 0.8)]
    right = (2, "x", "a", "a", 0.7, 0.3)
    table = pd.DataFrame([*wrong, right], columns=["run", "id", "label", "predicted", "a", "b"])
    mistakes = embed.mistakes_of(table)
    assert list(mistakes["id"]) == ["y", "x"]
    assert list(mistakes["runs"]) == [2, 1]
    assert list(mistakes["probability"]) == pytest.approx([0.7, 0.9])


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ("data/predictions/2/sound/cnn.csv", "dvc repro evaluate@2-sound-cnn"),
        ("data/gradcam/3/picture/cnn/shown_maps.npy", "dvc repro gradcam@3-picture-cnn"),
        ("metrics/verdict.md", "dvc repro compare"),
        ("data/warnings.csv", "dvc repro compare"),
        ("metrics/sonify.json", "dvc repro sonify"),
    ],
)
def test_what_is_missing_is_named_with_what_makes_it(study, lost, words):
    (study / lost).unlink()
    with pytest.raises(
        EarshotError, match=rf"lacks what other stages write[^\n]*\n  {re.escape(f'{lost}: {words}')}$"
    ):
        report.main()


def test_all_that_is_missing_is_named_at_once(study):
    shutil.rmtree("data/gradcam")
    with pytest.raises(EarshotError) as error:
        report.main()
    named = str(error.value)
    assert named.count("dvc repro gradcam@") + int(re.findall(r"… and (\d+) more", named)[0]) == 8 * 3


def test_a_watched_test_part_and_doubtful_maps_are_told(study):
    with paths.WARNINGS.open("a") as table:
        table.write("watched,2,sound,cnn,its test part was watched in training.\n")
    scores = paths.gradcam_metrics(2, "sound", "cnn")
    scores.write_text(json.dumps(read_json(scores) | {"randomized_rank_correlation": 0.9}))
    report.main()
    assert "A test part that was watched in training" in page_of(study)
    assert "subset 2: cnn on sound: The maps say little about the model" in page_of(study)
    assert any("say little about the model" in doubt for doubt in data_of(study)["models"][0]["doubts"])


def test_a_recording_longer_than_the_page_plays_is_cut_and_said(of_sounds, tmp_path, monkeypatch):
    assert "longer sounds" not in page_of(of_sounds)
    monkeypatch.setattr(items, "MOST_S", 0.05)
    folder = shutil.copytree(of_sounds, tmp_path / "study")
    with made_up.working_in(folder):
        report.main()
    assert "longer sounds the first 0.05 s are played" in page_of(folder)


def test_duplicates_and_groups_in_two_parts_are_told(study):
    found = paths.SPLIT_METRICS
    found.write_text(json.dumps(read_json(found) | {"duplicates": 2, "duplicates_in_two_parts": 1}))
    report.main()
    assert "2 items repeat another one byte for byte, 1 of them in two parts, which is a leak." in page_of(
        study
    )


def test_cross_validation_is_told_where_it_was_on(study):
    assert "Cross-validation" not in page_of(study)
    set_params(
        study, **{"cv.folds": 2, "cv.subset": 2, "cv.val": 0, "epochs": 1, "cv.grid": {"lr": [0.01, 0.1]}}
    )
    made_up.cv.main()
    report.main()
    page = page_of(study)
    assert "2 folds" in page
    assert "<td>0.01</td>" in page


def test_the_axes_have_the_shapes_of_what_they_stand_around(study):
    data = data_of(study)
    shapes = {name: axes["shape"] for name, axes in data["axes"].items()}
    assert shapes == {"colour": [16, 12], "picture": [16, 12], "back": [16, 12], "spectrogram": [17, 12]}
    (lowest, _), *_ = data["axes"]["spectrogram"]["rows"]
    assert lowest == pytest.approx(100 * (1 - 0.5 / 17), abs=0.01)
