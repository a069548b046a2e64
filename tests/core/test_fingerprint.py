"""The fingerprint of the code: it changes with all that can run, and with nothing else."""

import re
import shutil
import tomllib

import pytest

from earshot.core import fingerprint
from earshot.core.errors import EarshotError
from earshot.core.fingerprint import LIBRARIES, ROOMS, code_at_start, code_hash
from tests.repository import ROOT


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the code, which is hashed in place of it."""
    for package in ("earshot", "stages"):
        shutil.copytree(ROOT / package, tmp_path / package)
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    start_again()
    yield tmp_path
    start_again()


def start_again():
    """Forget what this process knows of the code."""
    code_hash.cache_clear()
    code_at_start.cache_clear()


def test_the_rooms_are_those_that_import_linter_holds_apart():
    with (ROOT / "pyproject.toml").open("rb") as file:
        (contract, *_) = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    names = [layer.removeprefix("earshot.") for layer in reversed(contract["layers"])]
    assert tuple(name for name in names if name in ROOMS) == ROOMS
    assert set(ROOMS) == {path.parent.name for path in (ROOT / "earshot").glob("*/__init__.py")}


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("earshot/core/io.py", {"core", "sonification", "features", None}),
        ("earshot/sonification/new.py", {"sonification", "features", None}),
        ("earshot/features/extract.py", {"features", None}),
        ("earshot/report/render.py", {None}),
        ("stages/train.py", {None}),
    ],
)
def test_a_room_hangs_on_itself_and_on_those_below_it(copied, file, changed):
    rooms = ("core", "sonification", "features", None)
    before = {room: code_hash(room) for room in rooms}
    with (copied / file).open("a") as opened:
        opened.write("# changed\n")
    start_again()
    assert {room for room in rooms if code_hash(room) != before[room]} == changed


def test_code_that_is_edited_while_a_process_starts_is_named(copied):
    code_at_start()
    with (copied / "earshot/features/extract.py").open("a") as opened:
        opened.write("# changed\n")
    code_hash("store")
    with pytest.raises(EarshotError, match=r"earshot/features/extract.py: edited while this process started"):
        code_hash("features")


def test_every_supported_python_has_the_same_libraries():
    """One line a library in the lock: a second version, or one for some Pythons only, would give other bytes there."""
    lock = (ROOT / "requirements.txt").read_text()
    locked = {name: re.findall(rf"^{name}==(.*?) *\\?$", lock, re.MULTILINE) for name in LIBRARIES}
    assert {name: lines for name, lines in locked.items() if len(lines) != 1 or ";" in lines[0]} == {}
