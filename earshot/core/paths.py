"""Where everything lies, relative to the repository's root, which is where every stage runs."""

from pathlib import Path

PARAMS = Path("params.yaml")
PRESETS = Path("presets")
CHECKED = Path("data/checked.txt")
WEIGHTS = Path("weights")
LISTENERS = Path("listeners")
PRETRAINED = Path("data/pretrained")
DIGITS = Path("data/samples/digits")
INDEX = Path("data/index.csv")
DESCRIBED = Path("data/described")
DESCRIBED_ITEMS = DESCRIBED / "items.csv"
NEAR_DUPLICATES = DESCRIBED / "near_duplicates.csv"
BALANCED = Path("data/balanced.csv")
SPLIT = Path("data/split.csv")
AUDIO = Path("data/audio")
AUGMENTED = Path("data/augmented")
EXAMINED = Path("data/examined")
CHECKS = EXAMINED / "checks.csv"
SUMMARY = Path("data/summary.csv")
PAIRS = Path("data/pairs.csv")
SUBGROUPS = Path("data/subgroups.csv")
LISTENER_SCORES = Path("data/listeners.csv")
WARNINGS = Path("data/warnings.csv")
PREDICTIONS = Path("data/predictions")
EMBEDDED = Path("data/embedded")
SWEEP = Path("data/sweep.csv")
CV = Path("data/cv")
MAPS = Path("data/maps.csv")
TRANSFER = Path("data/transfer")
REPORT = Path("report/index.html")
CHECKPOINTS = Path(".checkpoints")
METRICS = Path("metrics")
PLOTS = Path("plots")
ANSWERS = METRICS / "answers"
EDA = METRICS / "eda.json"
SPLIT_METRICS = METRICS / "split.json"
FIDELITY = METRICS / "sonify.json"
CV_CONFIGS = CV / "configs.csv"
CV_METRICS = METRICS / "cv.json"
MAP_METRICS = METRICS / "maps.json"
SUMMARY_METRICS = METRICS / "summary.json"
SEEDS = METRICS / "seeds.json"
VERDICT = METRICS / "verdict.md"

# The folders and files that the stages write.
OUTPUTS = (
    DIGITS,
    CHECKED,
    PRETRAINED,
    INDEX,
    DESCRIBED,
    BALANCED,
    SPLIT,
    EXAMINED,
    AUDIO,
    AUGMENTED,
    Path("data/features"),
    Path("data/gradcam"),
    Path("data/per_class"),
    Path("data/decisions"),
    SUMMARY,
    PAIRS,
    SUBGROUPS,
    LISTENER_SCORES,
    WARNINGS,
    PREDICTIONS,
    EMBEDDED,
    CV,
    MAPS,
    TRANSFER,
    CHECKPOINTS,
    METRICS,
    PLOTS,
    Path("models"),
    REPORT.parent,
)

# Where the results of models lie, as FOLDER/<subset>/<view>/<model>, with an ending or without.
RESULTS = (
    Path("models"),
    PREDICTIONS,
    EMBEDDED,
    Path("data/per_class"),
    Path("data/decisions"),
    Path("data/gradcam"),
    METRICS / "models",
    ANSWERS,
    METRICS / "gradcam",
    *(PLOTS / kind for kind in ("curves", "confusion", "reliability", "gradcam")),
)


def shard_file(folder: str | Path, shard: int, ending: str) -> Path:
    """`folder/00012.tar` for shard 12."""
    return Path(folder) / f"{shard:05d}.{ending}"


def features(view: str) -> Path:
    return Path("data/features") / view


def predictions(subset: int, view: str, model: str) -> Path:
    return PREDICTIONS / str(subset) / view / f"{model}.csv"


def embedded(subset: int, view: str, model: str) -> Path:
    """Where the test items lie on the two principal axes of a model's embedding."""
    return EMBEDDED / str(subset) / view / f"{model}.csv"


def answers(subset: int, view: str, model: str) -> Path:
    """The answers of a model to the test items, which Git keeps."""
    return ANSWERS / str(subset) / view / f"{model}.csv"


def transfer(subset: int, model: str) -> Path:
    """What the picture model says of the pictures that sounds give back."""
    return TRANSFER / str(subset) / f"{model}.csv"


def per_class(subset: int, view: str, model: str) -> Path:
    return Path("data/per_class") / str(subset) / view / f"{model}.csv"


def decisions(subset: int, view: str, model: str) -> Path:
    """What thresholds from validation items do on the test items: a table for each way to decide."""
    return Path("data/decisions") / str(subset) / view / model


def model(subset: int, view: str, model: str) -> Path:
    return Path("models") / str(subset) / view / model


def pretrained(model: str) -> Path:
    """The hashes of the files of weights that a model may start from."""
    return PRETRAINED / f"{model}.json"


def pretrained_view(view: str) -> Path:
    """What a view hears through: the settings of a pretrained model and the hash of its file, or nothing."""
    return PRETRAINED / "views" / f"{view}.json"


def best(model: str) -> Path:
    """What cross-validation found for a model, and training takes over."""
    return CV / "best" / f"{model}.json"


def metrics(subset: int, view: str, model: str) -> Path:
    return METRICS / "models" / str(subset) / view / f"{model}.json"


def gradcam(subset: int, view: str, model: str) -> Path:
    """The folder of what one model looks at: the items shown, and the maps that the views are compared by."""
    return Path("data/gradcam") / str(subset) / view / model


def gradcam_metrics(subset: int, view: str, model: str) -> Path:
    return METRICS / "gradcam" / str(subset) / view / f"{model}.json"


def reliability(subset: int, view: str, model: str) -> Path:
    return PLOTS / "reliability" / str(subset) / view / f"{model}.csv"


def curves(subset: int, view: str, model: str, run: int) -> Path:
    """Where DVCLive leaves the curves of one run of a model: `<part>/<measure>.tsv`."""
    return live(subset, view, model, run) / "plots" / "metrics"


def live(subset: int, view: str, model: str, run: int) -> Path:
    """DVCLive's folder for one run of a model."""
    return plots("curves", subset, view, model) / f"run_{run}"


def plots(kind: str, subset: int, view: str, model: str) -> Path:
    """The folder of one model's plots of a kind: `curves`, `confusion`, `gradcam`."""
    return PLOTS / kind / str(subset) / view / model
