"""params.yaml: numbers as DVC writes them, faults named with their path and a way out."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import Field
from ruamel.yaml import YAML

from earshot.config.base import Natural
from earshot.config.load import StageParams, load
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.models.validate import validate
from tests.repository import ROOT


@pytest.fixture
def content():
    return load(ROOT / "params.yaml")


@pytest.mark.parametrize(("text", "value"), [("1e-05", 1e-5), ("1e-3", 1e-3), ("1.0e-4", 1e-4), ("1", 1)])
def test_numbers_are_read_as_dvc_and_people_write_them(in_folder, text, value):
    (in_folder / "params.yaml").write_text(f"lr: {text}\n")
    assert load()["lr"] == value


def test_the_study_that_comes_with_earshot_is_valid(content):
    assert validate(content).subsets == [2, 4, 10]


def test_a_study_of_before_there_was_a_choice_of_samples_is_told_what_to_add(content):
    del content["dataset"]["samples"]
    with pytest.raises(EarshotError, match=r"dataset.samples: missing; \[\] for data of your own"):
        validate(content)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("models", "cnn", r"models: a list is wanted, found 'cnn'; .* -S 'models=\[cnn\]'"),
        ("subsets", 10, r"subsets: a list is wanted, found 10"),
        ("views", ["sound", "smell"], r"views.1: .*'picture'.*found 'smell'"),
        ("lr", float("inf"), "lr: input should be a finite number, found inf"),
        ("augment.stretch", [0.5, float("inf")], r"augment.stretch.1: input should be a finite number"),
        ("dataset.classes", [1, 2], r"dataset.classes.0: text is wanted, found 1; put it in quotes, '1'"),
        ("subsets", [1, 2], "1 class"),
        ("models", ["cnn", "cnn"], "names something twice"),
        ("lr", "fast", "lr: .*number, found 'fast'"),
        ("lr", -1.0, "lr: .*greater than 0, found -1.0"),
        ("runs", 0, "runs: .*greater than or equal to 1, found 0"),
        ("zoo.cnn.runs", 0, r"zoo.cnn.runs: .*greater than or equal to 1, found 0"),
        ("batchsize", 3, "batchsize: unknown key; did you mean batch_size"),
        ("sonify.iteration", 3, "sonify.iteration: unknown key; did you mean iterations"),
        ("sonify.placing", "mel", "sonify.placing: unknown key; did you mean frequency_scale"),
        ("sonify.momentum", 1.0, "sonify.momentum: .*less than 1, found 1.0"),
        ("sonify.window", "hamming", "sonify.window: .*'hann' or 'rectangular'"),
        ("split.train", 0.5, "split: train, val and test add up to 0.8"),
        ("dataset.kind", "smells", "dataset.kind: "),
        (
            "dataset.path",
            "data",
            r"dataset.path: 'data' holds data/samples/digits, which the stages write; put",
        ),
        ("dataset.path", "./data/features/sound", "dataset.path: .* lies in data/features, which the stages"),
        ("dataset.path", "..", r"dataset.path: '\.\.' holds "),
        ("dataset.samples", [], r"dataset.samples: nothing writes data/samples/digits, .* set \[digits\]"),
        ("features.channel", "middle", "features.channel"),
        ("zoo.cnn.dropout", 2.0, "zoo.cnn.dropout: .*less than 1, found 2.0"),
        ("zoo.lstm.hiden", 2, "zoo.lstm.hiden: unknown key; did you mean hidden"),
        ("zoo.cnnn", {}, "no model is called 'cnnn'; the nearest name is 'cnn'"),
        ("models", ["cnn", "gru"], r"models: gru has no block in zoo; add `gru: {}` under zoo:"),
        ("models", ["cnn", "lsmt"], r"models: lsmt has no block in zoo; did you mean lstm\? If not, add"),
    ],
)
def test_a_fault_is_named_with_its_path(content, path, value, message):
    *parents, last = path.split(".")
    block = content
    for parent in parents:
        block = block[parent]
    block[last] = value
    with pytest.raises(EarshotError, match=message):
        validate(content)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "stands for more than 100,000 values: write fewer aliases"),
        ("a: &a [*a]\n", "stands for more than 100,000 values"),
        ("a: " + "[" * 1000 + "]" * 1000, "nested too deep"),
    ],
)
def test_what_aliases_and_nesting_blow_up_is_refused(in_folder, text, message):
    (in_folder / "params.yaml").write_text(text)
    with pytest.raises(EarshotError, match=message):
        load()


def test_of_a_long_value_a_part_is_shown(content):
    content["lr"] = ["x" * 1000] * 1000
    with pytest.raises(EarshotError) as caught:
        validate(content)
    assert len(str(caught.value)) < 10_000


def test_all_faults_are_named_together(content):
    content |= {"lr": 0, "epochs": -1, "models": "cnn"}
    with pytest.raises(EarshotError) as error:
        validate(content)
    assert all(f"  {name}: " in str(error.value) for name in ("lr", "epochs", "models"))


def test_a_missing_key_is_named(content):
    del content["sonify"]
    with pytest.raises(EarshotError, match="sonify: missing"):
        validate(content)


@pytest.mark.parametrize(
    ("text", "message"), [(None, "is missing"), ("a: [", "cannot be read as YAML"), ("", "holds no settings")]
)
def test_a_file_that_is_no_settings_is_refused(in_folder, text, message):
    if text is not None:
        (in_folder / "params.yaml").write_text(text)
    with pytest.raises(EarshotError, match=message):
        load()


class SomeParams(StageParams):
    seed: Natural
    path: str = Field(alias="dataset.path")
    sonify: Sonify
    own: dict[str, Any] = Field(alias="zoo.${item.model}")
    of_cv: dict[str, Any] = Field(alias="zoo.${cv.model}")


def test_a_stage_reads_what_it_declares(content, in_folder):
    content["zoo"]["lstm"]["hidden"] = 7
    write(content)
    params = SomeParams.read(model="lstm")
    assert (params.seed, params.path, params.sonify.iterations) == (42, "data/samples/digits", 32)
    assert (params.own["hidden"], params.of_cv) == (7, content["zoo"][content["cv"]["model"]])
    assert SomeParams.param_keys() == [
        "seed",
        "dataset.path",
        "sonify",
        "zoo.${item.model}",
        "zoo.${cv.model}",
    ]


def test_a_stage_names_every_fault_of_its_own_settings_and_no_other(content, in_folder):
    content["seed"], content["lr"] = -1, "fast"
    content["sonify"]["iterations"] = "many"
    del content["dataset"]["path"]
    write(content)
    with pytest.raises(EarshotError) as error:
        SomeParams.read(model="lstm")
    first, *problems = str(error.value).splitlines()
    assert first == "params.yaml has settings that cannot be used:"
    assert [problem.split(":")[0].strip() for problem in problems] == [
        "seed",
        "dataset.path",
        "sonify.iterations",
    ]


def write(content):
    YAML().dump(content, Path("params.yaml"))
