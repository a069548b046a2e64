"""`earshot init`: for each layout, the study that it writes has the classes, groups and parts of the data set."""

import re
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from earshot.cli import init
from earshot.config.load import load
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_table
from stages import augment, balance, check, featurize, index, sonify, split
from tests.items import write_picture, write_sound, write_spectrogram
from tests.repository import ROOT
from tests.study import call, clone, command, commit, run

CLASSES = ("dog", "rain", "tick")
WHO = ("ann", "bo", "cy", "di", "ed")


def sounds(root, names, *, sample_rate=8000):
    for number, name in enumerate(names):
        rng = np.random.default_rng(zlib.crc32(name.encode()))  # no two files are alike
        write_sound(root / name, rng, 1000 + 10 * (number % 7), sample_rate=sample_rate)


def table(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n")


def folders(root):
    sounds(root, [f"{label}/{label}_{who}_{n}.wav" for label in CLASSES for who in WHO for n in range(2)])


def parts(root):
    sounds(
        root, [f"{part}/{label}/{n}.wav" for part in ("train", "test") for label in CLASSES for n in range(8)]
    )


def flat_with_table(root):
    sounds(root, [f"{label[0]}{n}.wav" for label in CLASSES for n in range(10)])
    table(root / "labels.csv", "filename,label", [f"{c[0]}{n}.wav,{c}" for c in CLASSES for n in range(10)])


def esc50(root):
    rows = [
        (f"{n % 5 + 1}-{100 * k + n}-A-{k}.wav", n % 5 + 1, k, c, 100 * k + n)
        for k, c in enumerate(CLASSES)
        for n in range(10)
    ]
    sounds(root / "audio", [row[0] for row in rows])
    lines = [f"{name},{fold},{k},{label},False,{source},A" for name, fold, k, label, source in rows]
    table(root / "meta/esc50.csv", "filename,fold,target,category,esc10,src_file,take", lines)


def urbansound(root):
    rows = [
        (f"{100 * k + n}-{k}-0-{s}.wav", n % 10 + 1, k, c, 100 * k + n)
        for k, c in enumerate(CLASSES)
        for n in range(10)
        for s in range(2)
    ]
    sounds(root / "audio", [f"fold{fold}/{name}" for name, fold, *_ in rows])
    lines = [f"{name},{source},0.0,1.0,1,{fold},{k},{label}" for name, fold, k, label, source in rows]
    table(
        root / "metadata/UrbanSound8K.csv",
        "slice_file_name,fsID,start,end,salience,fold,classID,class",
        lines,
    )


def fsd50k(root):
    rows = [(f"{k}{n:02d}", c, "val" if n > 7 else "train") for k, c in enumerate(CLASSES) for n in range(10)]
    sounds(root / "FSD50K.dev_audio", [f"{name}.wav" for name, *_ in rows])
    lines = [f'{name},"{label},Sounds",/m/1,{part}' for name, label, part in rows]
    table(root / "FSD50K.ground_truth/dev.csv", "fname,labels,mids,split", lines)
    scored = [(f"9{k}{n}", c) for k, c in enumerate(CLASSES) for n in range(4)]
    sounds(root / "FSD50K.eval_audio", [f"{name}.wav" for name, _ in scored])
    table(
        root / "FSD50K.ground_truth/eval.csv",
        "fname,labels,mids",
        [f'{n},"{c},Sounds",/m/1' for n, c in scored],
    )


def gtzan(root):
    genres = ["blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock"]
    sounds(
        root / "Data/genres_original",
        [f"{g}/{g}.{n:05d}.wav" for g in genres for n in range(7)],
        sample_rate=22050,
    )


def npy_with_table(root):
    rows = [(f"{n}_clip_{k}.npy", CLASSES[n % 3]) for n in range(30) for k in range(2)]
    for number, (name, _) in enumerate(rows):
        write_spectrogram(root / name, np.random.default_rng(number), (16, 20))
    table(root / "dataset.csv", "filename,label", [",".join(row) for row in rows])


def one_array(root):
    root.mkdir()
    np.save(root / "X.npy", np.random.default_rng(0).random((30, 16, 20), dtype=np.float32))
    np.save(root / "y.npy", np.array(CLASSES)[np.arange(30) % 3])


def audacity(root):
    for number in range(10):
        write_sound(root / f"field{number}.wav", np.random.default_rng(number), 8000)
        tracks = [
            f"{0.3 * place:.6f}\t{0.3 * place + 0.2:.6f}\t{label}" for place, label in enumerate(CLASSES)
        ]
        (root / f"field{number}.txt").write_text("\n".join(tracks) + "\n")


def pictures(root):
    for number in range(30):
        rng = np.random.default_rng(number)
        write_picture(root / CLASSES[number % 3] / f"{number:03d}.png", rng, (40, 40))


LAYOUTS = {
    # its maker, the groups of the index, the folds, and the items of the parts
    "folders": (folders, 5, 0, (18, 6, 6)),
    "parts": (parts, 48, 0, (21, 3, 24)),
    "flat with a table": (flat_with_table, 30, 0, (21, 6, 3)),
    "ESC-50": (esc50, 30, 5, (21, 3, 6)),
    "UrbanSound8K": (urbansound, 30, 10, (42, 12, 6)),
    "FSD50K": (fsd50k, 42, 0, (24, 6, 12)),
    "GTZAN": (gtzan, 70, 0, (50, 10, 10)),
    "npy with a table": (npy_with_table, 30, 0, (42, 12, 6)),
    "one array": (one_array, 30, 0, (21, 6, 3)),
    "Audacity": (audacity, 10, 0, (21, 6, 3)),
    "pictures": (pictures, 30, 0, (21, 6, 3)),
}


@pytest.fixture
def root(in_folder):
    """A folder with what `init` starts from."""
    shutil.copytree(ROOT / "presets", in_folder / "presets")
    shutil.copy(ROOT / "params.yaml", in_folder)
    return in_folder


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_read_and_split_as_it_says(root, layout):
    make, groups, folds, sizes = LAYOUTS[layout]
    make(root / "set")
    said = command("init", "set", "--minutes", "0", cwd=root)
    assert said.startswith("looking at set")
    assert "more than the 0 minutes asked for" in " ".join(said.split())
    for stage in (check, index, balance, split, sonify, augment):
        call(stage)
    call(featurize, "sound")
    items, dealt = read_table(paths.INDEX), read_table(paths.SPLIT)
    assert items["group"].nunique() == groups
    assert len(set(items["fold"]) - {""}) == folds
    assert tuple((dealt["split"] == part).sum() for part in ("train", "val", "test")) == sizes
    assert load()["subsets"][-1] == items["label"].nunique() == (10 if layout == "GTZAN" else 3)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_written_runs_to_the_report_without_an_edit(layout, tmp_path):
    study = clone(tmp_path / "clone")
    commit(study)
    LAYOUTS[layout][0](tmp_path / "set")
    command("init", "../set", "--minutes", "0", cwd=study)
    run("python", "-m", "tests.in_one_process", cwd=study)
    assert "cnn" in (study / "metrics/verdict.md").read_text()
    assert (study / "report/index.html").is_file()
    assert not (study / "data/samples").exists()


def test_the_speaker_is_proposed_and_may_be_refused(root):
    folders(root / "set")
    said = " ".join(command("init", "set", cwd=root).split())
    assert "the test part is one group, so that intervals and tests speak of that group alone" in said
    assert "'_([a-z]+)_': 5 groups by the word in the name: ann, bo, cy, di, ed. None is cut in two" in said
    assert "'_([0-9]+)\\.', 2 groups by a number that may only count the files; set it if" in said
    assert load()["dataset"]["group"] == "_([a-z]+)_"
    command("init", "set", "--group", "none", "--force", cwd=root)
    assert load()["dataset"]["group"] is None


def test_each_guess_has_its_reason_above_it(root):
    sounds(root / "set", [f"{label}/{n}.wav" for label in "ab" for n in range(10)])
    sounds(root / "set", [f"c/{n}.wav" for n in range(20)], sample_rate=16000)
    command("init", "set", "--minutes", "0", cwd=root)
    text = Path("params.yaml").read_text()
    assert "# guessed: the lowest of 8000 Hz (20), 16000 Hz (20): what is above it" in text
    assert re.search(r"# guessed: the recordings last .* of them whole\n  frames: \d+ ", text)
    assert re.search(r"  # guessed: c has 20 items and a 10: all are kept, .*\n  method: none ", text)
    assert load()["features"]["sample_rate"] == 8000
    assert load()["train"]["imbalance"] == "class_weights"


def test_long_recordings_are_cut_into_clips(root):
    for number in range(12):
        write_sound(root / f"set/{'ab'[number % 2]}/{number}.wav", np.random.default_rng(number), 8000 * 11)
    command("init", "set", "--minutes", "0", cwd=root)
    assert (load()["features"]["clip_s"], load()["features"]["frames"]) == (3.0, None)


def test_dark_ink_on_light_paper_is_inverted(root):
    for number in range(12):
        picture = np.full((105, 105), 255, np.uint8)
        picture[40:60, 10 + number : 20 + number] = 0
        path = root / f"set/{'ab'[number % 2]}/{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
    command("init", "set", "--minutes", "0", cwd=root)
    block = load()["sonify"]
    assert (block["invert"], block["rows"], block["columns"], block["n_fft"]) == (True, 64, 64, None)
    command("init", "set", "--kind", "spectrograms", "--force", cwd=root)
    assert load()["views"] == ["sound", "shuffled"]


def test_a_preset_keeps_its_models_and_arrays(root):
    sounds(root / "set", [f"{label}/{n}.wav" for label in "ab" for n in range(10)])
    command("init", "set", "--preset", "gate", cwd=root)
    params = load()
    assert (params["models"], params["features"]["frames"]) == (["small_cnn", "linear"], 200)
    assert (params["dataset"]["path"], params["dataset"]["classes"]) == ("set", None)


def test_nothing_is_overwritten_unasked(root):
    folders(root / "set")
    Path("params.yaml").write_text("seed: 1\n")
    assert "params.yaml holds settings of your own" in command("init", "set", cwd=root, ok=False)
    assert Path("params.yaml").read_text() == "seed: 1\n"


@pytest.mark.parametrize(("path", "is_removed"), [("data/samples/digits", True), ("data/mine", False)])
def test_the_results_of_the_digits_are_taken_out_of_the_way_and_no_others(root, path, is_removed):
    folders(root / "set")
    for name in ("metrics/verdict.md", "models/10/sound/cnn/model.json", "data/mine/a/1.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("")
    Path("dvc.lock").write_text(f"stages:\n  index:\n    deps:\n    - path: {path}\n")
    command("init", "set", "--minutes", "0", cwd=root)
    assert (
        Path("metrics").exists() == Path("models").exists() == Path("dvc.lock").exists() == (not is_removed)
    )
    assert Path("data/mine/a/1.png").exists()


def test_on_a_terminal_it_asks_for_the_group(root, monkeypatch):
    folders(root / "set")
    monkeypatch.setattr(init, "on_a_terminal", lambda: True)
    answers = iter(["7", "3"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    said = command("init", "set", "--minutes", "0", cwd=root)
    assert "a number from 1 to 3" in said
    assert load()["dataset"]["group"] is None


def test_what_the_name_of_the_folder_says_of_pictures_comes_first(root, monkeypatch):
    for label in "ab":
        write_picture(root / f"spectrograms/{label}/1.png", np.random.default_rng())
    asked = []

    def ask(question, choices):
        asked.append(choices)
        raise EarshotError("enough")

    monkeypatch.setattr(init, "ask", ask)
    monkeypatch.setattr(init, "on_a_terminal", lambda: True)
    assert "enough" in command("init", "spectrograms", cwd=root, ok=False)
    assert asked == [["spectrograms", "pictures"]]


def test_no_answer_is_one_message(monkeypatch):
    def ends(_):
        raise EOFError

    monkeypatch.setattr("builtins.input", ends)
    with pytest.raises(EarshotError, match="no answer, and nothing is written; --yes takes what is likely"):
        init.ask("Which?", ["a", "b"])


def test_an_output_that_is_a_link_is_removed_and_not_what_it_leads_to(in_folder):
    Path("elsewhere").mkdir()
    Path("metrics").symlink_to("elsewhere")
    Path("dvc.lock").write_text("stages:\n  index:\n    deps:\n    - path: data/samples/digits\n")
    init.remove_results_of_the_digits()
    assert [path.name for path in Path().iterdir()] == ["elsewhere"]


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (folders, ["nowhere"], "nowhere is not there"),
        (folders, ["set/dog/dog_ann_0.wav"], "dog_ann_0.wav is one file; name the folder of the data set"),
        (
            folders,
            ["set", "--classes", "dog, dgo"],
            "dataset.classes names ['dgo'], which the data does not have",
        ),
        (lambda root: folders(root.parent / "data/audio"), ["data/audio"], "lies in data/audio, which the"),
        (folders, ["set", "--preset", "opera"], "opera: no such preset"),
        (folders, ["set", "--group", "([a-z]+)_([0-9])"], "has 2 capture groups, one is wanted"),
        (lambda root: sounds(root, ["1.wav", "2.wav"]), ["set"], "2 of 2 files lie in no class folder"),
        (lambda root: sounds(root, ["a/1.wav", "a/2.wav", "b/3.wav", "b/4.wav"]), ["set"], "has 2 item"),
    ],
)
def test_what_cannot_be_a_study_is_one_message(root, make, arguments, message):
    make(root / "set")
    before = Path("params.yaml").read_bytes()
    assert message in command("init", *arguments, cwd=root, ok=False)
    assert Path("params.yaml").read_bytes() == before
