"""`python -m earshot` outside of its environment."""

import sys

import pytest

from earshot.__main__ import refuse_other_python


def test_without_the_environment_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    with pytest.raises(SystemExit, match=r"tqdm is not installed .* `make setup` makes it"):
        refuse_other_python(ModuleNotFoundError("No module named 'tqdm'", name="tqdm"))


@pytest.mark.parametrize("name", ["earshot.misspelt", "nowhere", None])
def test_a_module_that_requirements_do_not_name_is_a_bug(monkeypatch, name):
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    refuse_other_python(ModuleNotFoundError("No module", name=name))


def test_within_an_environment_it_is_a_bug(monkeypatch):
    monkeypatch.setattr(sys, "base_prefix", "elsewhere")
    refuse_other_python(ModuleNotFoundError("No module named 'tqdm'", name="tqdm"))
