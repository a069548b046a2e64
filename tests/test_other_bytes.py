"""What `make repro` says where a machine gives other bytes than the committed ones."""

import subprocess

import pytest

from scripts import other_bytes

LOCK = """schema: '2.0'
stages:
  sonify:
    cmd: python -m stages.sonify
    deps: [{{path: data/balanced.csv, md5: {balanced}}}]
    outs: [{{path: data/audio, md5: {audio}}}]
  train@2-sound-cnn:
    cmd: python -m stages.train 2 sound cnn
    deps: [{{path: data/features/sound, md5: f0}}]
    outs: [{{path: models/2/sound/cnn, md5: {two}}}]
  train@4-sound-cnn:
    cmd: python -m stages.train 4 sound cnn
    deps: [{{path: data/features/sound, md5: f0}}]
    outs: [{{path: models/4/sound/cnn, md5: {four}}}]
  evaluate@2-sound-cnn:
    cmd: python -m stages.evaluate 2 sound cnn
    deps: [{{path: models/2/sound/cnn, md5: {two}}}]
    outs: [{{path: data/predictions, md5: {two}}}]
"""
SAME = {"balanced": "b0", "audio": "a0", "two": "t0", "four": "t0"}
VERDICT = "# Verdict\n\ncnn is right on 97 %.\nNo leak.\n\n## Warnings\n\n- {warning}\n"


@pytest.fixture
def repository(in_folder):
    """A committed lock and verdict."""
    write(**SAME)
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "State"]):
        identity = ["-c", "user.name=tests", "-c", "user.email=tests@example.org"]
        subprocess.run(["git", *identity, *command], check=True)
    return in_folder


def write(*, verdict=VERDICT, warning="none", **hashes):
    other_bytes.LOCK.write_text(LOCK.format(**SAME | hashes))
    other_bytes.paths.VERDICT.parent.mkdir(exist_ok=True)
    other_bytes.paths.VERDICT.write_text(verdict.format(warning=warning))


@pytest.mark.parametrize("hashes", [{}, {"balanced": "b1", "audio": "a1"}], ids=["nothing", "data"])
def test_nothing_is_said_of_what_inputs_changed(repository, capsys, hashes):
    write(**hashes)
    other_bytes.main()
    assert capsys.readouterr().out == ""


def test_stages_are_named_and_what_follows_from_them(repository, capsys):
    write(two="t1", four="t1", warning="another one")
    other_bytes.main()
    assert capsys.readouterr().out.splitlines() == [
        "",
        "Other bytes than the committed dvc.lock has, from the same inputs: train (2 of them).",
        "What follows from them differs too: evaluate.",
        "No sentence of the verdict changed.",
    ]


def test_sentences_that_changed_are_shown(repository, capsys):
    write(audio="a1", verdict=VERDICT.replace("97", "96"))
    other_bytes.main()
    assert capsys.readouterr().out.splitlines() == [
        "",
        "Other bytes than the committed dvc.lock has, from the same inputs: sonify.",
        "The verdict changed, - committed, + here:",
        "- cnn is right on 97 %.",
        "+ cnn is right on 96 %.",
    ]


def test_nothing_is_said_without_git(in_folder, capsys):
    write(**SAME)
    other_bytes.main()
    assert capsys.readouterr().out == ""
