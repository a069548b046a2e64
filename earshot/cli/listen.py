"""Let people listen to test items as the models do: write the page for them, or add the files that it saved."""

import logging
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from earshot.config.load import load
from earshot.core import paths
from earshot.core.classes import subset_classes
from earshot.core.errors import EarshotError
from earshot.core.io import json_bytes, read_table, write_bytes

if TYPE_CHECKING:
    import pandas as pd

    from earshot.config.study import Study

log = logging.getLogger(__name__)
PAGE = paths.REPORT.with_name("listen.html")
TRAINING = 2  # items of each class


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--subset", metavar="K", type=int, help="the number of classes; by default up to 10")
    parser.add_argument(
        "--items",
        metavar="N",
        type=int,
        help="of the test; by default 40, or one of each class where there are more classes",
    )
    parser.add_argument(
        "--training",
        metavar="N",
        type=int,
        default=TRAINING,
        help="items of each class in the training round, %(default)s by default; 0 leaves it out",
    )
    parser.add_argument("--out", metavar="FILE", type=Path, default=PAGE, help="%(default)s by default")
    summary = "Check files that the page saved, and put them beside the models"
    add = parser.add_subparsers(dest="action", metavar="add").add_parser(
        "add", help=summary, description=f"{summary}: `dvc repro` then compares them."
    )
    add.add_argument("files", metavar="FILE", nargs="+", type=Path)


def main(arguments: Namespace) -> None:
    from earshot.models.validate import validate  # with torch, which `earshot --help` does not need

    study = validate(load())
    # the split is that of the study, not what the data set itself may name
    items = read_table(paths.BALANCED).drop(columns="split", errors="ignore")
    items = items.merge(read_table(paths.SPLIT, columns=["id", "split"]), on="id")
    if arguments.action == "add":
        add_files(arguments.files, study, items)
    else:
        write_page(arguments, study, items)


def write_page(arguments: Namespace, study: "Study", items: "pd.DataFrame") -> None:
    """Write the page that people listen on."""
    from earshot.config.inputs import read_input
    from earshot.listening.answers import sound_settings
    from earshot.listening.items import choose, default_subset
    from earshot.listening.page import page

    refuse(study)
    subset = default_subset(study.subsets) if arguments.subset is None else arguments.subset
    if subset not in study.subsets:
        raise EarshotError(f"--subset {subset}: the study's subsets are {', '.join(map(str, study.subsets))}")
    for option in ("items", "training"):
        if (getattr(arguments, option) or 0) < 0:
            raise EarshotError(f"--{option} {getattr(arguments, option)}: a number of items is wanted")
    classes = classes_of(study, items, subset)
    test = choose(items, part="test", classes=classes, most=arguments.items, seed=study.seed)
    trained = arguments.training * len(classes)
    training = choose(items, part="train", classes=classes, most=trained, seed=study.seed)
    content = page(
        training,
        test,
        subset=subset,
        classes=classes,
        model_input=read_input(paths.features("sound") / "settings.json"),
        settings=sound_settings(),
    ).encode()
    write_bytes(arguments.out, content)
    log.info(
        "%s: %d test items of %d classes after %d for training, %.1f MB. Open it, or send it; it saves a file for "
        "`python -m earshot listen add`",
        arguments.out,
        len(test),
        len(classes),
        len(training),
        len(content) / 1e6,
    )


def add_files(files: list[Path], study: "Study", items: "pd.DataFrame") -> None:
    """Put files of answers where the pipeline reads them, all of them or none."""
    from earshot.listening import answers

    refuse(study)
    tested = {
        subset: items[items["label"].isin(classes_of(study, items, subset)) & items["split"].eq("test")]
        for subset in study.subsets
    }
    settings = answers.sound_settings()
    there, _ = answers.usable(sorted(paths.LISTENERS.glob("*.json")), tested=tested, settings=settings)
    added = {}
    for path in files:
        listened = answers.read(path, tested=tested)
        answers.check(listened, path, tested=tested, settings=settings)
        others = there.setdefault(listened.subset, [])
        answers.check_same_page(listened, path, others)
        answers.check_new(listened, path, others)
        others.append(listened)
        added[paths.LISTENERS / answers.file_name(listened)] = json_bytes(listened.model_dump())
    for path, content in added.items():
        write_bytes(path, content)
        log.info("added %s", path)
    log.info("`dvc repro` sets them beside the models; commit %s with what it writes", paths.LISTENERS)


def refuse(study: "Study") -> None:
    """Raise EarshotError for a study without a sound that people and models hear."""
    if study.dataset.kind == "spectrograms":
        raise EarshotError("dataset.kind: spectrograms: there is nothing to hear of ready spectrograms")
    if "sound" not in study.views:
        raise EarshotError(f"views: {study.views} has no sound; add it, and run `dvc repro`")


def classes_of(study: "Study", items: "pd.DataFrame", subset: int) -> list[str]:
    """The classes of a subset, in their order."""
    dataset = study.dataset
    return subset_classes(items["label"], subset=subset, classes=dataset.classes, reject=dataset.reject)
