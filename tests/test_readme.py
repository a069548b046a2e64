"""The README tells the truth: its example runs, its names exist."""

import importlib.util
import re

import pytest
import torch

from earshot.models import registry
from tests.repository import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_model_that_the_readme_adds_works(tmp_path):
    (tmp_path / "tiny.py").write_text(re.search(r"```python\n(.*?)```", README, re.DOTALL)[1])
    spec = importlib.util.spec_from_file_location("tiny", tmp_path / "tiny.py")
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    assert tiny.build(input_shape=(12, 9), outputs=4, width=3)(torch.zeros(2, 12, 9)).shape == (2, 4)


def test_every_preset_is_listed():
    presets = {path.stem for path in (ROOT / "presets").glob("*.yaml")}
    table = README.partition("| preset | study |")[2].partition("\n\n")[0]
    assert presets == set(re.findall(r"^\| `([\w-]+)` ", table, re.MULTILINE))


def test_every_model_file_is_listed():
    assert all(f"`{name}`" in README for name in registry.own_models())


def test_every_benchmark_has_its_line():
    benchmarks = {path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py")} - {"timing"}
    told = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
    assert benchmarks == set(re.findall(r"`python -m benchmarks\.(\w+)", told))


def test_no_placeholder_is_left():
    assert "<<" not in README
    assert not re.search(r"^[A-Z_]{6,}$", README, re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", *sorted(path.name for path in (ROOT / "docs").glob("*.md"))])
def test_what_a_page_links_to_is_there(page):
    folder = ROOT if page == "README.md" else ROOT / "docs"
    links = re.findall(r"\]\(([^)#]+)", (folder / page).read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (folder / link).exists()] == []
