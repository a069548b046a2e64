"""params.yaml: numbers as DVC writes them, faults named with their path and a way out."""

import pytest

from earshot.config.load import load, read_params, validate
from earshot.core.errors import EarshotError
from tests.imports import ROOT


@pytest.fixture
def content():
    return load(ROOT / "params.yaml")


@pytest.mark.parametrize(("text", "value"), [("1e-05", 1e-5), ("1e-3", 1e-3), ("1.0e-4", 1e-4), ("1", 1)])
def test_numbers_are_read_as_dvc_and_people_write_them(in_folder, text, value):
    (in_folder / "params.yaml").write_text(f"lr: {text}\n")
    assert load()["lr"] == value


def test_the_study_that_comes_with_earshot_is_valid(content):
    assert validate(content).subsets == [2, 4, 10]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("models", "cnn", r"models: a list is wanted, found 'cnn'; .* -S 'models=\[cnn\]'"),
        ("subsets", 10, r"subsets: a list is wanted, found 10"),
        ("views", ["sound", "smell"], r"views.1: .*'picture'.*found 'smell'"),
        ("subsets", [1, 2], "1 class"),
        ("models", ["cnn", "cnn"], "names something twice"),
        ("lr", "fast", "lr: .*number, found 'fast'"),
        ("lr", -1.0, "lr: .*greater than 0, found -1.0"),
        ("batchsize", 3, "batchsize: unknown key; did you mean batch_size"),
        ("sonify.iteration", 3, "sonify.iteration: unknown key; did you mean iterations"),
        ("sonify.momentum", 1.0, "sonify.momentum: .*less than 1, found 1.0"),
        ("sonify.window", "hamming", "sonify.window: .*'hann' or 'rectangular'"),
        ("split.train", 0.5, "split: train, val and test add up to 0.8"),
        ("dataset.kind", "smells", "dataset.kind: "),
        ("zoo.cnn.dropout", 2.0, "zoo.cnn.dropout: .*less than 1, found 2.0"),
        ("zoo.lstm.hiden", 2, "zoo.lstm.hiden: unknown key; did you mean hidden"),
        ("zoo.cnnn", {}, "no model is called 'cnnn'; the nearest name is 'cnn'"),
        ("models", ["cnn", "gru"], r"\['gru'\] have no block in zoo"),
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


def test_only_what_is_asked_for_can_be_read(monkeypatch):
    monkeypatch.chdir(ROOT)
    params = read_params("seed", "dataset.path", "sonify", "zoo.cnn")
    assert (params.seed, params.dataset.path, params.sonify.iterations) == (42, "data/samples/digits", 32)
    assert vars(params.zoo).keys() == {"cnn"}
    with pytest.raises(AttributeError):
        _ = params.lr
    with pytest.raises(AttributeError):
        _ = params.dataset.kind
