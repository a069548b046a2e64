"""What DVC does with a tiny study that is reproduced: a temporary clone with all outputs and its lock."""

import contextlib
import json
import os
import shutil
import signal
import subprocess

import pytest

from stages import evaluate, train
from tests.study import call, command, dvc, run, set_params, stages_run, start

pytestmark = pytest.mark.pipeline


@pytest.fixture
def study(reproduced_study, tmp_path):
    """A copy of the tiny study with all that it gave, committed."""
    return shutil.copytree(reproduced_study, tmp_path / "study", symlinks=True)


def test_the_study_ends_with_all_its_outputs(reproduced_study):
    study = reproduced_study
    summary = (study / "data/summary.csv").read_text().splitlines()
    assert len(summary) == 1 + 1 * 2 * 2
    scores = json.loads((study / "metrics/models/2/sound/cnn.json").read_text())
    assert {"accuracy", "accuracy_low", "accuracy_high", "chance", "n_test", "parameters"} <= scores.keys()
    assert (study / "metrics/verdict.md").read_text().startswith("# Verdict")
    page = (study / "report/index.html").read_text()
    assert all(name in page for name in ("cnn", "lstm", "data:audio/wav", "data:image/png"))


@pytest.mark.slow
def test_all_plots_are_drawn_without_a_warning(study, tmp_path):
    output = run("dvc", "plots", "show", "-o", str(tmp_path / "drawn"), cwd=study)
    page = (tmp_path / "drawn/index.html").read_text()
    assert "WARNING" not in output
    titles = [
        "Items of each class",
        "Accuracy against",
        "Loss in training",
        "Test items by class",
        "confidence",
    ]
    assert [title for title in titles if title not in page] == []


def test_a_second_run_does_nothing_and_leaves_git_clean(study):
    assert "Data and pipelines are up to date." in run("dvc", "repro", cwd=study)
    assert run("git", "status", "--porcelain", cwd=study) == ""


@pytest.mark.slow
def test_a_models_settings_retrain_that_model_alone(study, monkeypatch):
    monkeypatch.chdir(study)
    set_params(study, **{"zoo.lstm.hidden": 6})
    ran = stages_run(dvc("repro", "--dry").stdout)
    trained = ["train@2-sound-lstm", "train@2-picture-lstm"]
    assert set(ran) == {"check", "report", *trained}  # a report lists all settings
    followed = stages_run(dvc("repro", "--dry", "--force", "--downstream", *trained).stdout)
    assert {name for name in followed if "@" in name} == {
        f"{stage}@2-{view}-lstm"
        for stage in ("train", "evaluate", "gradcam")
        for view in ("sound", "picture")
    }
    assert {name for name in followed if "@" not in name} == {"compare_maps", "transfer", "compare", "report"}


@pytest.mark.slow
def test_a_listener_is_compared_and_reported_and_nothing_else_runs(study, monkeypatch):
    monkeypatch.chdir(study)
    (study / "listeners/2-ann.json").write_text("{}")
    assert stages_run(dvc("repro", "--dry").stdout) == ["compare"]
    followed = stages_run(dvc("repro", "--dry", "--force", "--downstream", "compare").stdout)
    assert followed == ["compare", "report"]


@pytest.mark.slow
def test_an_experiment_and_its_metrics_diff(study):
    run("dvc", "exp", "run", "-S", "lr=1e-5", "evaluate@2-sound-cnn", cwd=study)
    assert "lr: 1e-05" in (study / "params.yaml").read_text()
    assert json.loads((study / "models/2/sound/cnn/model.json").read_text())["trainer"]["lr"] == 1e-5
    scores = "metrics/models/2/sound/cnn.json"  # whose accuracy stays, of so small a model
    changed = json.loads(run("dvc", "metrics", "diff", "--json", "--targets", scores, cwd=study))
    assert "log_loss" in changed[scores]


@pytest.mark.slow
def test_a_lock_that_is_behind_is_told_by_its_stages(study, tmp_path):
    run("git", "clone", "-q", str(study), "clone", cwd=tmp_path)
    run("scripts/check_lock", cwd=tmp_path / "clone")
    for folder in (study, tmp_path / "clone"):  # with data, and without
        with (folder / "earshot/explanation/gradcam.py").open("a") as module:
            module.write("# changed\n")
        set_params(folder, **{"zoo.lstm.hidden": 6})
        output = command("check", "--lock", cwd=folder, ok=False)
        assert "`make repro`, then commit dvc.lock" in output
        named = {"train@2-sound-lstm", "train@2-picture-lstm", "gradcam@2-sound-cnn", "gradcam@2-picture-cnn"}
        told = set(output.split()) & {line.strip() for line in output.splitlines()}
        assert named <= told
        assert not {"featurize@sound", "train@2-sound-cnn", "evaluate@2-sound-cnn"} & told


@pytest.mark.slow
def test_a_proposal_is_told(study, monkeypatch):
    set_params(study, **{"zoo.cnn.dense": 24, "epochs": 6})
    monkeypatch.chdir(study)
    for stage in (train, evaluate):
        call(stage, 2, "picture", "cnn")
    output = command("diff", "HEAD", "--markdown", "told/diff.md", cwd=study)
    told = (study / "told/diff.md").read_text()
    assert output == ""
    assert "cnn on picture, subset 2" in told.split("## Models")[1].split("The same answers")[0]
    assert "**The workspace is not reproduced**" in told
    assert "## Charts" in told


@pytest.mark.slow
def test_what_the_charts_of_a_diff_read_is_pulled(study, tmp_path):
    run("dvc", "remote", "add", "-q", "-d", "--local", "team", str(tmp_path / "remote"), cwd=study)
    run("dvc", "push", "-q", cwd=study)
    run("git", "clone", "-q", str(study), "clone", cwd=tmp_path)
    shutil.copy(study / ".dvc/config.local", tmp_path / "clone/.dvc/config.local")
    run("scripts/pull", cwd=tmp_path / "clone")
    assert (tmp_path / "clone/plots/accuracy.csv").is_file()
    assert not (tmp_path / "clone/data/audio").exists()
    assert not (tmp_path / "clone/models").exists()


@pytest.mark.slow
def test_a_scalar_where_a_list_is_wanted_says_so(study):
    """`dvc exp run -S models=cnn` itself stops inside DVC, before any of our code runs."""
    set_params(study, models="cnn")
    output = run("scripts/repro", cwd=study, ok=False)
    assert "-S 'models=[cnn]'" in output
    assert "Traceback" not in output


@pytest.mark.slow
def test_bad_files_are_named_together_before_sonify(study):
    for name in ("cut.png", "text.png"):
        (study / "pictures/a" / name).write_text("nothing")
    output = run("dvc", "repro", cwd=study, ok=False)
    assert "cut.png" in output
    assert "text.png" in output
    assert "Running stage 'sonify'" not in output
    assert "Traceback" not in output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "output"), [("sonify", "data/audio"), ("train@2-sound-cnn", "plots/curves/2/sound/cnn")]
)
def test_killed_in_the_middle_it_ends_with_the_same_bytes(study, stage, output):
    """DVC and the stage are killed as soon as the first of the stage's outputs stands."""
    shutil.rmtree(study / output)
    shutil.rmtree(study / ".checkpoints")
    process = start("dvc", "repro", "-f", "-s", stage, cwd=study)
    while process.poll() is None and not any((study / output).rglob("*.*")):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    run("dvc", "repro", "-f", "-s", stage, cwd=study)
    assert run("git", "status", "--porcelain", cwd=study) == ""
