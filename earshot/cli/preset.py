"""Write params.yaml from one of the presets, or list them."""

import argparse
import logging
import textwrap
from pathlib import Path

from ruamel.yaml import YAML

from earshot.config.presets import describe_preset, expand_preset, preset_file, preset_names
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import write_bytes
from earshot.models.validate import validate

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="a preset; all are listed where none is named"
    )
    parser.add_argument(
        "--out", metavar="FILE", type=Path, default=paths.PARAMS, help="params.yaml by default"
    )
    parser.add_argument("--force", action="store_true", help="write over settings of your own")


def main(arguments: argparse.Namespace) -> None:
    if arguments.name is None:
        for name in preset_names():
            print(
                textwrap.fill(
                    describe_preset(name), 100, initial_indent=f"{name:22}", subsequent_indent=" " * 22
                )
            )
        return
    content = expand_preset(arguments.name)
    study = validate(YAML(typ="safe", pure=True).load(content), source=preset_file(arguments.name))
    if not arguments.force:
        check_replaceable(arguments.out)
    write_bytes(arguments.out, content)
    log.info("%s is the study %s, on %s", arguments.out, arguments.name, study.dataset.path)


def check_replaceable(file: Path) -> None:
    """Raise EarshotError where a file would be lost: where it holds anything but a preset as it is written."""
    if not file.exists():
        return
    if not file.is_file():
        raise EarshotError(f"--out {file} is a folder; name a file, {file / paths.PARAMS.name} for one")
    before = file.read_bytes()
    if not any(before == expand_preset(name) for name in preset_names()):
        raise EarshotError(
            f"{file} holds settings of your own, which would be lost: keep a copy and add --force, "
            "or name another file with --out"
        )
