"""What `make lint` looks for is found: faults planted in a made-up project that has this one's rules."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.repository import ROOT

RULES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
ROOMS = RULES["importlinter"]["contracts"][0]["layers"]


@pytest.fixture
def project(tmp_path):
    """Rooms as pyproject.toml names them, with nothing in them."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for room in ("earshot", *ROOMS):
        write(tmp_path, f"{room}.py" if room.endswith("__main__") else f"{room}.__init__.py", "")
    for name in RULES["mypy"]["files"]:
        module = name.removesuffix(".py").replace("/", ".")
        write(tmp_path, f"{module}.py" if name.endswith(".py") else f"{module}.__init__.py", "")
    return tmp_path


def write(project, module, text):
    path = project.joinpath(*module.removesuffix(".py").split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def lint(project, *command):
    """Whether a checker has nothing to say, and what it says."""
    done = subprocess.run(
        [Path(sys.executable).with_name(command[0]), *command[1:]],
        cwd=project,
        text=True,
        capture_output=True,
    )
    return done.returncode == 0, done.stdout + done.stderr


def lint_imports(project):
    return lint(project, "lint-imports", "--no-logo", "--no-cache")


def test_a_room_that_imports_one_above_it_fails(project):
    write(project, "earshot.cli.show.py", "from earshot.core import paths\n")
    write(project, "earshot.core.paths.py", "")
    passes, output = lint_imports(project)
    assert passes, output
    for room in ("core", "report"):
        write(
            project, f"earshot.{room}.planted.py", "def show():\n    from earshot.cli import show\n    show\n"
        )
        passes, output = lint_imports(project)
        assert not passes
        assert f"earshot.{room}.planted -> earshot.cli.show" in output
        write(project, f"earshot.{room}.planted.py", "")


def test_every_room_has_its_place_in_the_order():
    packages = {f"earshot.{path.parent.name}" for path in (ROOT / "earshot").glob("*/__init__.py")}
    assert packages | {"stages", "earshot.__main__"} == set(ROOMS)


FAULTS = """\
def wrong(seconds: int) -> str:
    return seconds


def without_types(seconds):
    return seconds


def generic(names: list) -> None: ...


def excused(seconds: int) -> int:
    return seconds  # type: ignore
"""


@pytest.mark.slow
def test_a_type_fault_fails_wherever_the_types_are_checked(project):
    for module in ("earshot.core.planted.py", "stages.planted.py"):
        write(project, module, FAULTS)
    passes, output = lint(project, "mypy", "--cache-dir=.mypy_cache")
    assert not passes
    codes = ["return-value", "no-untyped-def", "type-arg", "unused-ignore"]
    for path in ("earshot/core/planted.py", "stages/planted.py"):
        said = [line for line in output.splitlines() if line.startswith(f"{path}:") and ": error: " in line]
        assert [line.rpartition("[")[2].strip("]") for line in said] == codes, output
    for module in ("earshot.core.planted.py", "stages.planted.py"):
        write(project, module, "def right(seconds: int) -> int:\n    return seconds\n")
    passes, output = lint(project, "mypy", "--cache-dir=.mypy_cache")
    assert passes, output
