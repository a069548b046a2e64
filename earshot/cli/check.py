"""Say what in params.yaml cannot be used, before anything runs."""

import argparse
import contextlib
import logging
import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from earshot.config.dataset import Dataset
from earshot.config.load import load
from earshot.config.study import Study
from earshot.core import paths
from earshot.core.errors import EarshotError, list_problems
from earshot.dataset.items import items_of
from earshot.dataset.links import broken_link, files_below, is_broken_link
from earshot.embedding.view_files import views_of
from earshot.features.early import refuse_copies, refuse_early
from earshot.models.validate import validate
from earshot.store.lock import check_lock

WIDTH = 118


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lock", action="store_true", help="also name the stages that dvc.lock is behind on")


def main(arguments: argparse.Namespace) -> None:
    study = validate(load())
    if arguments.lock:
        check_lock()  # in a clone that may lack the data set
    else:
        refuse_copies(study, views_of(study.embedding, study.views))
        check_folders(study.dataset)
        refuse_early(study)
        print_cost(study)


def print_cost(study: Study) -> None:
    """Print what a study takes that is more than ten minutes, where its data set is there and nothing is trained yet.

    What of a study is made again, DVC alone knows.
    """
    trained = any(folder.is_dir() for folder in (Path("models"), paths.CHECKPOINTS / "runs"))
    if trained or not Path(study.dataset.path).is_dir():
        return
    from earshot.intake import cost

    cores = os.cpu_count() or 1
    # what is wrong with single files, the stage index says, with all others
    with warnings_left_out("earshot.dataset"), contextlib.suppress(EarshotError):
        items = items_of(study.dataset)
        if cost.is_worth_a_probe(study, items):
            estimate = cost.cost_of(study, items, cores=cores)
            if estimate.seconds > cost.LONG_S:
                print(textwrap.fill(cost.describe(estimate, cores=cores), WIDTH))


@contextlib.contextmanager
def warnings_left_out(name: str) -> Iterator[None]:
    """Within the `with`, this logger says nothing but errors."""
    log = logging.getLogger(name)
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def check_folders(dataset: Dataset) -> None:
    """Raise where the data set's folder is not there, nor known to DVC, or one that its links may lead to."""
    if missing := [folder for folder in dataset.links if not Path(folder).is_dir()]:
        raise EarshotError(f"dataset.links: {missing[0]} is not a folder; correct the path, or leave it out")
    path = Path(dataset.path)
    if path.is_dir():
        check_links(path, named=dataset.links)
        return
    if path.exists():
        raise EarshotError(f"dataset.path: {path} is not a folder; it should hold one folder a class")
    places = [path, *path.parents]
    tracked = any(Path(f"{place}.dvc").is_file() for place in places if place.name)
    pipeline = Path("dvc.yaml")
    if not tracked and not (pipeline.is_file() and dataset.path in pipeline.read_text(encoding="utf-8")):
        raise EarshotError(
            f"dataset.path: {path} is not there (from {Path.cwd()}). Correct the path, or put the data set there; "
            "`dvc pull` fetches one that DVC keeps"
        )


def check_links(root: Path, *, named: Sequence[str]) -> None:
    """Raise for links that cannot be followed. DVC, which reads the folder before the stage `index` can, names one."""
    files, problems = files_below(root, named=named)
    problems += [f"{path.as_posix()}: {broken_link(path)}" for path in files if is_broken_link(path)]
    if problems:
        heading = f"dataset.path: {root} holds {len(problems)} link(s) or folders that cannot be followed:"
        raise list_problems(heading, problems)
