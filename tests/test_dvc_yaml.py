"""dvc.yaml tells DVC the truth: every module a stage runs, every param it reads."""

import ast
import re
from pathlib import PurePath

import pytest
from ruamel.yaml import YAML

from earshot.core.paths import OUTPUTS
from scripts.deps import ROOT, closure, code_deps, param_keys, rewritten

TEXT = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
STAGES = YAML(typ="safe").load(TEXT)["stages"]


def test_dvc_yaml_is_what_make_deps_writes():
    assert rewritten(TEXT) == TEXT


def test_a_module_and_a_param_that_are_not_listed_are_put_back():
    module = re.compile(r"earshot/dataset/groups\.py,\s+")
    less = module.sub("", TEXT).replace("dataset.duplicates, balance]", "balance]")
    assert "dataset.duplicates" not in less
    assert not module.search(less)
    assert rewritten(less) == TEXT


def test_a_module_and_a_param_that_a_stage_has_no_use_for_are_taken_out():
    more = TEXT.replace("stages/index.py,", "stages/index.py, earshot/report,")
    assert more != TEXT
    assert rewritten(more) == TEXT


def test_the_code_and_the_params_of_a_new_stage_follow_its_data():
    listed = re.search(r"  split:\n.*?\n\n", TEXT, re.DOTALL)[0]
    written_by_hand = re.sub(r"    params:.*\n", "", listed)
    written_by_hand = re.sub(r"deps: \[[^]]*\]", "deps:\n      - data/balanced.csv", written_by_hand)
    assert rewritten(TEXT.replace(listed, written_by_hand)) == TEXT


@pytest.mark.parametrize("stage", STAGES)
def test_every_module_that_a_stage_runs_lies_under_one_of_its_deps(stage):
    deps = code_deps(stage)
    for module in closure(ROOT / "stages" / f"{stage}.py"):
        assert any(module == dep or module.startswith(f"{dep}/") for dep in deps)


def test_a_stage_hangs_on_its_own_blocks_of_params_alone():
    assert "earshot/config/gradcam.py" in code_deps("gradcam")
    for stage in ("index", "balance", "split", "sonify", "featurize", "train"):
        assert not {"earshot/config", "earshot/config/gradcam.py"} & set(code_deps(stage))


def test_what_runs_a_pretrained_model_hangs_on_every_runtime():
    for stage in ("featurize", "gradcam"):
        assert "earshot/embedding" in code_deps(stage)


def test_the_settings_of_one_model_are_listed_as_that_models_alone():
    assert "zoo.${item.model}" in param_keys("train")
    assert "zoo" not in param_keys("train")


@pytest.mark.parametrize("stage", STAGES)
def test_params_are_read_through_the_class_that_declares_them(stage):
    """Whatever opens params.yaml another way would escape `make deps`."""
    if stage == "check":  # which depends on the whole file
        assert "params.yaml" in STAGES[stage]["deps"]
        return
    tree = ast.parse((ROOT / "stages" / f"{stage}.py").read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "earshot.config.load"
        for alias in node.names
    }
    assert imported <= {"StageParams"}


@pytest.mark.parametrize("stage", STAGES)
def test_no_command_holds_what_params_yaml_says(stage):
    """DVC hands a command to a shell, with each `${...}` replaced as it stands."""
    assert STAGES[stage]["cmd"] == f"python -m stages.{stage}"


def test_what_dvc_reads_as_metrics_names_no_class():
    """DVC takes a file for binary, and stops, where 30 % of its first bytes are of another alphabet."""
    metrics = {path for about in STAGES.values() for entry in about.get("metrics", []) for path in entry}
    assert metrics == {"metrics/cv.json", "metrics/summary.json"}


def test_every_output_that_a_stage_reads_is_written_by_another():
    """Nobody who pulls would have it otherwise."""
    written = {path: stage for stage in STAGES for path in _outputs(STAGES[stage])}
    for stage, about in STAGES.items():
        for dep in (_plain(dep) for dep in about["deps"]):
            if dep.split("/")[0] in ("data", "models", "metrics", "plots"):
                writers = {by for path, by in written.items() if f"{path}/".startswith(f"{dep}/")}
                writers |= {by for path, by in written.items() if f"{dep}/".startswith(f"{path}/")}
                assert writers - {stage}, f"{stage} reads {dep}, and no stage writes it"


def _outputs(stage):
    entries = [*stage.get("outs", []), *stage.get("metrics", [])]
    return {_plain(next(iter(entry)) if isinstance(entry, dict) else entry) for entry in entries}


def _plain(path):
    """The path with one stand-in for what a matrix or a param fills in."""
    return re.sub(r"\$\{[^}]*\}", "*", path)


@pytest.mark.parametrize("stage", STAGES)
def test_every_output_is_known_where_data_sets_are_kept_apart_from_them(stage):
    for key in ("outs", "metrics", "plots"):
        for entry in STAGES[stage].get(key, []):
            output = entry if isinstance(entry, str) else next(iter(entry))
            assert any(PurePath(output).is_relative_to(known) for known in OUTPUTS), output
