"""DVC as scripts/repro runs it: it reads what DVC reads, and writes dvc.lock as DVC writes it."""

import shutil

import dvc
import pytest
from dvc.dvcfile import Lockfile
from dvc.output import Output
from dvc.repo import Repo
from dvc.utils.serialize import _yaml

from scripts import quick_dvc
from tests.repository import ROOT
from tests.study import run

PIPELINE = """\
stages:
  one:
    cmd: echo one > one.txt
    params: [lr, names]
    outs: [one.txt]
  two:
    matrix: {cell: [10-a, b]}
    cmd: echo two > ${item.cell}.txt
    deps: [one.txt]
    outs: ['${item.cell}.txt']
"""
PARAMS = "lr: 1e-05\nnames: [yes, '1e5', 'a: b', null]\n"


@pytest.fixture(autouse=True)
def nothing_parsed(monkeypatch):
    monkeypatch.setattr(quick_dvc, "parsed", {})


@pytest.mark.parametrize(
    "text",
    ["lr: 1e-05\n", "a: [yes, 010, '010', ~, 1.5, .inf]\n", "a: .nan\n", "2: 2024-01-01\n", "", "- é\n"],
)
def test_yaml_is_read_as_dvc_reads_it_the_second_time_and_by_the_next_process_too(
    in_folder, monkeypatch, text
):
    expected = repr(_yaml.parse_yaml(text, "dvc.lock"))
    assert repr(quick_dvc.parse(text, "dvc.lock")) == expected
    assert repr(quick_dvc.parse(text, "dvc.lock")) == expected
    monkeypatch.setattr(quick_dvc, "parsed", {})
    assert repr(quick_dvc.parse(text, "dvc.lock")) == expected


def test_what_the_next_process_reads_is_not_parsed_again_unless_it_changed(in_folder, monkeypatch):
    quick_dvc.parse("a: 1\n", "dvc.lock")
    monkeypatch.setattr(quick_dvc, "parsed", {})
    with monkeypatch.context() as patch:
        patch.setattr(quick_dvc, "parse_slowly", None)
        assert quick_dvc.parse("a: 1\n", "dvc.lock") == {"a": 1}
    assert quick_dvc.parse("a: 2\n", "dvc.lock") == {"a": 2}


@pytest.mark.parametrize("merged", ["", "# merged by hand\n"])
def test_dvc_lock_has_the_bytes_that_dvc_itself_writes(in_folder, monkeypatch, merged):
    (in_folder / "dvc.yaml").write_text(PIPELINE)
    (in_folder / "params.yaml").write_text(PARAMS)
    Repo.init(".", no_scm=True).reproduce()
    lock = in_folder / "dvc.lock"
    lock.write_text(before := merged + lock.read_text())
    (in_folder / "params.yaml").write_text(PARAMS.replace("1e-05", "0.001"))

    def reproduced():
        shutil.copy(in_folder / "before.lock", lock)
        Repo(".").reproduce(force=True)
        return lock.read_bytes()

    (in_folder / "before.lock").write_text(before)
    expected = reproduced()
    monkeypatch.setattr(Lockfile, "dump_stages", quick_dvc.dump_stages)
    if not merged:
        monkeypatch.setattr(quick_dvc, "dump_slowly", None)
    assert reproduced() == expected != before.encode()
    assert quick_dvc.parse(lock.read_text(), "dvc.lock") == _yaml.parse_yaml(lock.read_text(), "dvc.lock")


def test_a_path_that_many_stages_name_is_looked_up_once_and_has_the_status_that_dvc_tells(
    in_folder, monkeypatch
):
    (in_folder / "dvc.yaml").write_text(PIPELINE)
    (in_folder / "params.yaml").write_text(PARAMS)
    Repo.init(".", no_scm=True).reproduce()
    (in_folder / "one.txt").write_text("changed")
    (in_folder / "b.txt").unlink()
    expected = Repo(".").status()
    assert {"one", "two@10-a", "two@b"} <= set(expected)
    paths = []
    dvcs = Output._get_hash_meta

    def counted(output):
        paths.append(output.fs_path)
        return dvcs(output)

    monkeypatch.setattr(Output, "_get_hash_meta", quick_dvc.look_up_once(counted))
    assert Repo(".").status() == expected
    assert len(paths) == len(set(paths))
    assert str(in_folder / "one.txt") in paths


def test_it_is_a_command():
    assert run("scripts/quick/dvc", "--version", cwd=ROOT).strip() == dvc.__version__
