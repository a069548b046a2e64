"""Say what in params.yaml cannot be used, before anything runs."""

import argparse
from pathlib import Path

from earshot.config.dataset import Dataset
from earshot.config.load import load
from earshot.core.errors import EarshotError
from earshot.models.validate import validate
from earshot.store.lock import check_lock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lock", action="store_true", help="also name the stages that dvc.lock is behind on")


def main(arguments: argparse.Namespace) -> None:
    dataset = validate(load()).dataset
    if arguments.lock:
        check_lock()  # in a clone that may lack the data set
    else:
        check_folders(dataset)


def check_folders(dataset: Dataset) -> None:
    """Raise where the data set's folder is not there, nor known to DVC, or one that its links may lead to."""
    if missing := [folder for folder in dataset.links if not Path(folder).is_dir()]:
        raise EarshotError(f"dataset.links: {missing[0]} is not a folder; correct the path, or leave it out")
    path = Path(dataset.path)
    if path.is_dir():
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
