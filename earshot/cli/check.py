"""Say what in params.yaml cannot be used, before anything runs."""

import argparse

from earshot.config.load import load
from earshot.models.validate import validate
from earshot.store.lock import check_lock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lock", action="store_true", help="also name the stages that dvc.lock is behind on")


def main(arguments: argparse.Namespace) -> None:
    validate(load())
    if arguments.lock:
        check_lock()
