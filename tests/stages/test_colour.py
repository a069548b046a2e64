"""Studies in colour: pictures in the view `colour`, and spectrograms that were drawn in colour."""

import joblib
import numpy as np
import pytest
from PIL import Image

import earshot
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_json, read_table
from earshot.models.saved import read_card
from stages import augment, balance, check, cv, evaluate, featurize, gradcam, index, sonify, split, train
from tests.study import call, set_params, write_params

HUES = {"green": (0.5, 0.8, 0.2), "red": (1.0, 0.5, 0.55)}  # of one luminance, within a hundredth
BACKBONE = {"weights": "none", "grayscale": False, "image_size": 24}
MODELS = {
    "linear": {},
    "cnn": {"width": 2, "dense": 8},
    "squeezenet1_1": BACKBONE,
}
PICTURES = {
    **{"subsets": [2], "views": ["picture", "colour"], "models": list(MODELS), "epochs": 8, "lr": 0.01},
    **{
        "dataset.path": "items",
        "dataset.samples": [],
        "sonify.rows": 12,
        "sonify.columns": 10,
        "sonify.iterations": 1,
    },
    **{"gradcam.per_class": 1, "gradcam.checked": 2, "gradcam.steps": 2},
    **{f"zoo.{name}": block for name, block in MODELS.items()},
}
DRAWN = PICTURES | {
    **{"views": ["sound"], "dataset.kind": "spectrograms", "epochs": 1},
    **{"features.colour": True, "features.bands": 12, "features.frames": 10},
}


@pytest.fixture(autouse=True)
def items(in_folder):
    """Twelve pictures of each hue, of which nothing but the hue tells the class."""
    rng = np.random.default_rng(0)
    for label, hue in HUES.items():
        (in_folder / "items" / label).mkdir(parents=True)
        for number in range(12):
            brightness = rng.uniform(0.5, 1, (12, 10, 1))
            pixels = np.rint(255 * brightness * hue).astype(np.uint8)
            Image.fromarray(pixels).save(in_folder / "items" / label / f"{number}.png")
    with joblib.parallel_config("sequential"):
        yield in_folder


def prepared(folder, settings):
    """Run the stages from check to featurize."""
    write_params(folder, **settings)
    for stage in (check, index, balance, split, sonify, augment):
        stage.main()
    for view in settings["views"]:
        call(featurize, view)
    cv.main()


def trained(view, model):
    """Run the stages of one model."""
    for stage in (train, evaluate):
        call(stage, 2, view, model)


def accuracy(view, model):
    return read_json(paths.metrics(2, view, model))["accuracy"]


def test_models_in_colour_tell_what_no_grey_picture_shows(items):
    prepared(items, PICTURES)
    for cell in [("picture", "linear"), ("colour", "linear"), ("colour", "cnn")]:
        trained(*cell)
    assert accuracy("colour", "linear") == 1 > accuracy("picture", "linear")
    assert np.load(paths.shard_file(paths.features("colour"), 0, "npy")).shape == (24, 3, 12, 10)
    folder = paths.model(2, "colour", "cnn")
    assert read_card(folder).input_shape == (3, 12, 10)
    answers = read_table(paths.predictions(2, "colour", "cnn"))
    row = answers.iloc[0]
    answer = earshot.load(folder).predict(f"items/{row['id']}.png")
    assert answer.label == row["predicted"]
    call(gradcam, 2, "colour", "cnn")
    for array, shape in {"arrays": (2, 3, 12, 10), "maps": (2, 12, 10)}.items():
        assert np.load(paths.gradcam(2, "colour", "cnn") / f"{array}.npy").shape == shape


def test_drawn_spectrograms_in_colour_reach_a_backbone_in_colour(items):
    prepared(items, DRAWN)
    trained("sound", "squeezenet1_1")
    (array, *_) = np.load(paths.shard_file(paths.features("sound"), 0, "npy"))
    assert array.shape == (3, 12, 10)
    pixels = np.asarray(Image.open(items / "items/green/0.png"), np.float32) / np.float32(255)
    np.testing.assert_array_equal(array, pixels.transpose(2, 0, 1)[:, ::-1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": ["crnn"], "zoo.crnn": {}}, r"models: crnn takes no colour.*those of cnn, linear, lstm"),
        (
            {"cv.model": "crnn", "zoo.crnn": {}, "cv.view": "colour", "cv.folds": 2, "cv.subset": 2},
            r"cv\.model: crnn takes no colour",
        ),
        (
            {
                "cv.model": "cnn",
                "cv.view": "colour",
                "cv.folds": 2,
                "cv.subset": 2,
                "cv.grid.grayscale": [True, False],
            },
            r"cv\.grid\.grayscale: true makes the view colour grey",
        ),
        ({"zoo.squeezenet1_1": {}}, r"zoo\.squeezenet1_1\.grayscale: true makes the view colour grey"),
        ({"dataset.kind": "sounds"}, r"views: 'picture' needs dataset.kind: pictures"),
        ({"features.colour": True}, r"features\.colour: is for drawn.*pictures have the view colour"),
    ],
)
def test_what_sees_no_colour_is_refused_before_anything_runs(items, changes, message):
    write_params(items, **PICTURES | changes)
    with pytest.raises(EarshotError, match=message):
        check.main()


def test_arrays_have_no_colour(items):
    write_params(items, **DRAWN)
    for label in HUES:
        np.save(items / "items" / label / "array.npy", np.ones((12, 10), np.float32))
    for stage in (index, balance, split, sonify, augment):
        stage.main()
    with pytest.raises(EarshotError, match=r"array\.npy: an array, which has no colour"):
        call(featurize, "sound")
    set_params(items, **{"features.colormap": "viridis"})
    with pytest.raises(EarshotError, match="colour keeps red, green and blue"):
        check.main()
