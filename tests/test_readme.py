"""The pages tell the truth: their example runs, what they name exists."""

import importlib.util
import json
import re
import tomllib

import pytest
import torch
from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.utils.hydra import apply_overrides

from earshot.models import registry
from tests.repository import ROOT

MODELS, DATA, EXPERIMENTS = (
    (ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in ("models", "data", "experiments")
)
FOLDERS = ("", "docs", "benchmarks")
PAGES = sorted(str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))


def test_the_model_that_a_page_adds_works(tmp_path):
    (tmp_path / "tiny.py").write_text(re.search(r"```python\n(.*?)```", MODELS, re.DOTALL)[1])
    spec = importlib.util.spec_from_file_location("tiny", tmp_path / "tiny.py")
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    assert tiny.build(input_shape=(12, 9), outputs=4, width=3)(torch.zeros(2, 12, 9)).shape == (2, 4)


def test_the_readme_is_short():
    """A page to begin with, not all that there is to know."""
    assert len((ROOT / "README.md").read_bytes()) < 10_000


def test_every_preset_is_listed():
    presets = {path.stem for path in (ROOT / "presets").glob("*.yaml")}
    table = DATA.partition("| preset | study |")[2].partition("\n\n")[0]
    assert presets == set(re.findall(r"^\| `([\w-]+)` ", table, re.MULTILINE))


def test_every_model_file_is_listed():
    assert all(f"`{name}`" in MODELS for name in registry.own_models())


def test_every_benchmark_has_its_line():
    benchmarks = {path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py")} - {"timing"}
    told = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
    assert benchmarks == set(re.findall(r"`python -m benchmarks\.(\w+)", told))


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("models=cnn", "'Value' object is not iterable"),
        ("modles=[cnn]", "Could not override 'modles'"),
        ("models=[cnn]", None),
        ("+zoo.cnn.lr=1e-4", None),
    ],
)
def test_what_dvc_says_of_a_slip_is_explained(tmp_path, setting, told):
    (tmp_path / "params.yaml").write_text("models: [lstm]\nzoo: {cnn: {}}\n")
    stage = {"matrix": {"model": "${models}"}, "cmd": "true"}
    (tmp_path / "dvc.yaml").write_text(json.dumps({"stages": {"train": stage}}))
    Repo.init(str(tmp_path), no_scm=True).close()
    said = ""
    try:
        apply_overrides(tmp_path / "params.yaml", [setting])
        with Repo(str(tmp_path)) as repo:
            assert [stage.name for stage in repo.index.stages]
    except (DvcException, TypeError) as error:
        said = f"{error}: {error.__cause__}"
    assert (told or "") in said
    assert bool(said) == bool(told)
    assert f"`{told}`" in EXPERIMENTS or not told
    assert f"-S '{setting}'" in EXPERIMENTS or f"-S {setting}" in EXPERIMENTS or told


def named(pattern, text):
    """What a page names in backticks or in a block of commands, but for examples in capitals."""
    return {name for name in re.findall(pattern, text) if not re.search(r"NAME|tiny", name)}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_is_there(page):
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    folder = (ROOT / page).parent
    assert [link for link in links if "://" not in link and not (folder / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_files_that_a_page_names_are_there(page):
    folders = "earshot|stages|scripts|tests|docs|presets|benchmarks|weights|[.]github"
    names = named(rf"`((?:{folders})/[\w./-]*)", (ROOT / page).read_text(encoding="utf-8"))
    if page == "docs/architecture.md":
        assert len(names) > 20
    assert {name for name in names if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert named(r"(?:`|\n\$ |\n)make ([a-z-]+)", text) <= set(
        re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    )
    assert named(r"python -m earshot ([a-z]+)", text) <= {
        path.stem for path in (ROOT / "earshot/cli").glob("[a-z]*.py")
    }
    modules = named(r"python -m ((?:benchmarks|stages|scripts)[.]\w+)", text)
    assert {name for name in modules if not (ROOT / f"{name.replace('.', '/')}.py").exists()} == set()


def test_the_rooms_are_told_in_their_order():
    """From the top of the table down, as import-linter holds them from the bottom of its list up."""
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \|", page.partition("| room |")[2].partition("\n\n")[0], re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (each for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    rooms = [layer.removeprefix("earshot.") for layer in contract["layers"] if layer.startswith("earshot.")]
    assert told == [room for room in reversed(rooms) if room != "__main__"]


def test_the_version_is_the_same_wherever_it_stands():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## [{version}] - " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
