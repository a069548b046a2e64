"""dvc.yaml tells DVC the truth: every module a stage runs, every param it reads."""

import ast
import re

import pytest
from ruamel.yaml import YAML

from tests.imports import ROOT, closure

STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]


def stage_file(stage):
    name = re.search(r"stages[.](\w+)", stage["cmd"])[1]
    return ROOT / "stages" / f"{name}.py"


def missing_modules(stage, file):
    """The modules that a stage's file runs and the stage does not list, under its own name or a folder's."""
    deps = stage["deps"]
    return sorted(
        module
        for module in closure(file)
        if not any(module == dep or module.startswith(f"{dep}/") for dep in deps)
    )


def params_read(file):
    """The keys that a stage asks `read_params` for; a name that is only known at run time becomes `*`."""
    keys = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "read_params":
            for argument in node.args:
                text = (
                    "".join(part.value if isinstance(part, ast.Constant) else "*" for part in argument.values)
                    if isinstance(argument, ast.JoinedStr)
                    else ast.literal_eval(argument)
                )
                keys.add(text)
    return keys


def params_listed(stage):
    return {re.sub(r"\$\{[^}]*\}", "*", key) for key in stage.get("params", [])}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_every_module_it_runs(name):
    assert missing_modules(STAGES[name], stage_file(STAGES[name])) == []


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_no_module_that_it_does_not_run(name):
    modules = closure(stage_file(STAGES[name]))
    listed = [dep for dep in STAGES[name]["deps"] if dep.startswith(("earshot/", "stages/"))]
    assert [dep for dep in listed if not any(m == dep or m.startswith(f"{dep}/") for m in modules)] == []


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_exactly_the_params_it_reads(name):
    assert params_listed(STAGES[name]) == params_read(stage_file(STAGES[name]))


def test_an_omitted_module_is_found():
    stage = {
        **STAGES["balance"],
        "deps": [d for d in STAGES["balance"]["deps"] if d != "earshot/core/rng.py"],
    }
    assert missing_modules(stage, stage_file(stage)) == ["earshot/core/rng.py"]


def test_an_omitted_param_is_found():
    listed = params_listed({**STAGES["balance"], "params": ["seed"]})
    assert params_read(stage_file(STAGES["balance"])) - listed == {"subsets", "dataset.classes", "balance"}


@pytest.mark.parametrize("name", STAGES)
def test_params_are_read_through_read_params_alone(name):
    """Whatever opens params.yaml another way would escape the check above."""
    source = stage_file(STAGES[name]).read_text(encoding="utf-8")
    assert "params.yaml" not in source
    assert set(re.findall(r"from earshot[.]params import (.*)", source)) <= {"read_params"}
    assert "import params" not in source
