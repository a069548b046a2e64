"""Write a trained model as an ONNX file: sounds or pictures in, probabilities out, as `predict` gives them."""

import logging
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from earshot.api.folders import check_model_folder
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import write_bytes

if TYPE_CHECKING:
    from earshot.models.card import ModelCard

log = logging.getLogger(__name__)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL_DIR", help="a folder that the stage train wrote")
    parser.add_argument("file", metavar="OUT.onnx", help="the file to write, outside the study's outputs")
    parser.add_argument(
        "--run",
        metavar="K",
        type=int,
        help="export one run of the model, from 1, whose probabilities are not calibrated; all of them unless named",
    )


def main(arguments: Namespace) -> None:
    """Write the file, when its answers have been compared with the model's own."""
    from earshot.export import onnx_file  # with torch, which `earshot --help` does not need
    from earshot.models import saved

    onnx_file.need_extra()
    file = Path(arguments.file)
    _refuse(file, Path(arguments.model))
    check_model_folder(arguments.model)
    models, card, _, temperature = saved.load_runs(arguments.model, arguments.run)
    log.info("exporting %d runs of %s", len(models), card.architecture)
    commit = onnx_file.commit_of(Path(arguments.model))
    content = onnx_file.onnx_bytes(models, card, temperature=temperature, commit=commit)
    difference = onnx_file.greatest_difference(content, models, card, temperature=temperature)
    if not difference <= onnx_file.SAME:
        raise EarshotError(
            f"{card.architecture} cannot be exported: the ONNX file's probabilities are up to {difference:.1g} away "
            f"from the model's own, and {onnx_file.SAME:g} is allowed. Nothing was written"
        )
    write_bytes(file, content)
    _describe(file, Path(arguments.model), card, runs=len(models))
    log.info(
        "%s: %.1f MB; on noise onnxruntime gives the model's probabilities within %.0e",
        file,
        len(content) / 1e6,
        difference,
    )


def _describe(file: Path, model: Path, card: "ModelCard", *, runs: int) -> None:
    """Write the page about the model beside its file; one that is there may have been edited, and stays."""
    from earshot.export.readme import facts_of, readme

    page = file.with_suffix(".md")
    if page.exists():
        log.info("%s is there already and stays as it is: delete it to have it written anew", page)
        return
    text = readme(card, facts_of(model, card), file=file.name, runs=runs)
    write_bytes(page, text.encode())
    log.info("%s tells what it is: say in it what the model is for, and its licence", page)


def _refuse(file: Path, model: Path) -> None:
    """Raise EarshotError for a file that is no place for a model."""
    if file.suffix != ".onnx":
        raise EarshotError(f"{file}: name a file that ends in .onnx")
    inside = next(
        (folder for folder in (model, *paths.OUTPUTS) if file.resolve().is_relative_to(folder.resolve())),
        None,
    )
    if inside is not None:
        raise EarshotError(
            f"{file} lies in {inside}, which DVC holds as the pipeline wrote it: a file more there makes it run "
            "again. Name a place outside"
        )
