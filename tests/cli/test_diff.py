"""The diff command: what a proposal changes, in words and charts, and what cannot be told."""

import json
import re
import shutil
from types import SimpleNamespace

import pytest

from earshot.cli import diff as cli_diff
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.store import lock
from earshot.store.revisions import Revision
from tests.proposal import LSTM
from tests.study import command, dvc, run, write_params

AUTHOR = ("-c", "user.name=tests", "-c", "user.email=tests@example.org")


@pytest.fixture
def study(proposal, tmp_path):
    return shutil.copytree(proposal, tmp_path / "origin", symlinks=True)


@pytest.fixture
def clone(study, tmp_path):
    """A clone of the study without its data: neither cache nor remote."""
    run("git", "clone", "-q", str(study), "clone", cwd=tmp_path)
    return tmp_path / "clone"


def diff(folder, *arguments, ok=True):
    """The command's output, both streams together, with DVC in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (cli_diff, lock):
            patch.setattr(module, "dvc", dvc)
        return command("diff", *arguments, cwd=folder, ok=ok)


def test_dvcs_tables_come_first_then_what_they_cannot_tell(study):
    output = command("diff", "base", cwd=study)  # with DVC in processes of its own, as users have it
    assert [line for line in output.splitlines() if line.startswith("#")] == [
        *("# workspace against base", "## Metrics", "## Params", "## Models")
    ]
    assert re.search(
        r"\| metrics/summary.json +\| 2.sound.lstm.accuracy +\| 0.66667 +\| 0.96667 +\| 0.3 +\|", output
    )
    assert re.search(r"\| params.yaml +\| hidden +\| 8 +\| 16 +\|", output)
    assert "- lstm on sound, subset 2: +30.0 points (" in output
    assert "one trained model each, 19 items gained, 1 lost, p < 0.001: significant" in output
    assert "The same answers: cnn on sound, subset 2." in output
    assert "Only in workspace: linear on sound, subset 2." in output


def test_files_that_lie_among_the_answers_are_no_models(study):
    strays = [
        study / paths.ANSWERS / name
        for name in (".DS_Store", "2/sound/.cnn.csv.part", "2/note.csv", "2/sound/@team.csv")
    ]
    for stray in strays:
        stray.write_bytes(b"stray")
    output = diff(study, "base")
    for stray in strays:
        stray.unlink()
    assert "Only in workspace: linear on sound, subset 2." in output
    assert ".cnn" not in output
    assert "@team" not in output


def test_two_commits_are_compared_whatever_the_workspace_holds(study):
    output = diff(study, "main", "base")
    assert output.startswith("# base against main")
    assert "-30.0 points (" in output
    assert "1 item gained, 19 lost" in output
    assert "Only in main: linear" in output


def test_a_study_may_lie_in_a_folder_of_a_larger_repository(proposal, tmp_path):
    run("git", "clone", "-q", "--bare", str(proposal), "larger/.git", cwd=tmp_path)
    larger = tmp_path / "larger"
    run("git", "config", "core.bare", "false", cwd=larger)
    for name in ("base", "main"):
        run("git", "read-tree", "--empty", cwd=larger)
        run("git", "read-tree", "--prefix=of/a study/", name, cwd=larger)
        tree = run("git", "write-tree", cwd=larger).strip()
        moved = run("git", *AUTHOR, "commit-tree", "-m", "Moved", tree, cwd=larger).strip()
        run("git", "tag", f"moved-{name}", moved, cwd=larger)
    run("git", "checkout", "-q", "-f", "moved-main", cwd=larger)
    output = diff(larger / "of/a study", "moved-base", "moved-main")
    assert "- lstm on sound, subset 2: +30.0 points (" in output
    assert re.search(r"\| metrics/summary.json +\| 2.sound.lstm.accuracy", output)
    assert "Only in moved-main: linear" in output


def test_nothing_changed_is_said(study):
    output = diff(study, "HEAD")
    assert "No metrics differ." in output
    assert "No params differ." in output
    assert "The same answers: cnn on sound, subset 2; linear on sound, subset 2; lstm on" in output


def test_charts_of_what_changed_lie_beside_the_markdown(study, tmp_path):
    assert diff(study, "base", "--markdown", str(tmp_path / "out/verdict.md")) == ""
    told = (tmp_path / "out/verdict.md").read_text()
    names = re.findall(r"!\[.*\]\((.*)\)", told)
    assert names == ["diff/curves.png"]
    assert sorted(path.name for path in (tmp_path / "out/diff").iterdir()) == [
        name.removeprefix("diff/") for name in names
    ]
    drawn = {name: (tmp_path / "out" / name).read_bytes() for name in names}
    assert all(content.startswith(b"\x89PNG") for content in drawn.values())
    diff(study, "base", "--markdown", str(tmp_path / "again/verdict.md"))
    assert (tmp_path / "again/verdict.md").read_text() == told
    assert all((tmp_path / "again" / name).read_bytes() == content for name, content in drawn.items())


def test_the_verdict_needs_nothing_but_git(clone):
    output = diff(clone, "base", "--markdown", "verdict.md")
    told = (clone / "verdict.md").read_text()
    assert output == ""
    assert not (clone / "diff").exists()
    assert "| 2.sound.lstm.accuracy | 0.66667" in re.sub(" +", " ", told)
    assert "The same answers: cnn on sound, subset 2." in told
    assert "19 items gained, 1 lost, p < 0.001: significant" in told
    assert "Not drawn whole, because files are missing: plots/curves.csv of base" in told


@pytest.mark.slow
def test_charts_come_from_the_remote_of_today(study, clone, tmp_path):
    run("dvc", "remote", "add", "-q", "--local", "-d", "team", str(tmp_path / "remote"), cwd=study)
    run("dvc", "remote", "add", "-q", "-d", "team", "../remote", cwd=clone)  # in no commit
    run("dvc", "push", "-q", "--all-commits", cwd=study)
    output = diff(clone, "base", "--markdown", "verdict.md")
    assert output == ""
    assert [path.name for path in (clone / "diff").iterdir()] == ["curves.png"]


def test_a_revision_that_kept_no_answers_is_named(study):
    run("git", "rm", "-qr", "--cached", str(paths.ANSWERS), cwd=study)
    run("git", "commit", "-q", "-m", "As before answers were kept", cwd=study)
    output = diff(study, "HEAD")
    assert "Not compared: HEAD has no answers in metrics/answers/" in output
    assert "lstm on sound" not in output


def test_a_workspace_that_is_not_reproduced_is_told(clone):
    (clone / "params.yaml").write_text("hidden: 3\n")
    assert "**The workspace is not reproduced**: evaluate would run." in diff(clone, "base")
    assert "not reproduced" not in diff(clone, "base", "main")


def test_what_a_proposal_writes_means_nothing_in_markdown(monkeypatch):
    hostile = "@team\n\n![x](https://example.org/x.png) | a"
    found = {
        "params.yaml": {"dataset.path": {"old": "data", "new": hostile}, "lr": {"old": 0.1, "new": None}}
    }
    done = SimpleNamespace(stdout=json.dumps(found), stderr="")
    monkeypatch.setattr(cli_diff, "_dvc_diff", lambda *arguments: done)
    assert cli_diff.dvc_table("params", Revision("base", "0"), Revision("workspace", None)) == [
        "| Path | Param | base | workspace |",
        "| ---- | ----- | ---- | --------- |",
        r"| params.yaml | dataset.path | data | `@team\n\n![x](https://example.org/x.png) \| a` |",
        "| params.yaml | lr | 0.1 | - |",
    ]


def test_studies_of_other_data_sets_are_not_compared_in_silence():
    def side(*classes):
        rows = "".join(f"{label}1,g,{label},{label}\n" for label in classes)
        files = {(2, "sound", "cnn"): f"id,group,label,run_1\n{rows}".encode()}
        return SimpleNamespace(name="/".join(classes), answers=lambda: files)

    (said, _) = cli_diff.other_data(side("0", "1"), side("dog", "rain"))
    assert said.startswith("**The data sets differ**: 0/1 and dog/rain have no class in common")
    assert cli_diff.other_data(side("0", "1"), side("1", "2")) == []


def test_where_dvc_cannot_tell_what_would_run_the_setting_is_named(in_folder, monkeypatch):
    def fails():
        raise EarshotError("'Value' object is not iterable")

    write_params(in_folder, models="cnn")
    monkeypatch.setattr(cli_diff, "stages_to_run", fails)
    with pytest.raises(EarshotError, match="models: a list is wanted, found 'cnn'"):
        cli_diff.stale(Revision("workspace", None))


def test_damaged_answers_are_told_by_name(clone):
    (clone / paths.answers(*LSTM)).write_text("id,label\n1,a\n")
    output = diff(clone, "base", ok=False)
    assert (
        f"workspace: {paths.answers(*LSTM)}: expected the columns id, group, label, run_1 and so on" in output
    )
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nowhere"], "nowhere is no commit in this repository"),
        (["base", "nowhere"], "nowhere is no commit in this repository"),
        (["--", "--help"], "'--help' looks like an option"),
        (["empty"], "empty has no metrics, so there is nothing to compare: `make repro` there"),
        (["base", "--markdown", "."], "--markdown . is a folder; name a file"),
    ],
)
def test_what_cannot_be_is_one_message(study, arguments, expected):
    output = diff(study, *arguments, ok=False)
    assert output.startswith(expected)
    assert len(output.splitlines()) == 1
