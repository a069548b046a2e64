"""Look at a folder of recordings, spectrograms or pictures, and write a params.yaml that fits it."""

import argparse
import logging
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from earshot.cli.preset import check_replaceable
from earshot.config.presets import BASE, expand_preset
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import remove, write_bytes
from earshot.intake.grouping import NONE
from earshot.intake.survey import Survey, survey_of

MINUTES = 30.0
LOCK = Path("dvc.lock")
WIDTH = 118

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="of the data set; or its table of labels")
    parser.add_argument("--preset", metavar="NAME", help="keep the models and arrays of this study")
    parser.add_argument("--kind", choices=("pictures", "sounds", "spectrograms"), help="of the files")
    parser.add_argument("--labels", metavar="CSV", help="a table of labels below the folder")
    parser.add_argument(
        "--order", choices=("natural", "sorted"), help="of the files of a table that names none"
    )
    parser.add_argument("--classes", metavar="A,B", help="those to keep, in their order")
    parser.add_argument("--group", metavar="PATTERN", help=f"dataset.group, or {NONE}")
    parser.add_argument("--test", metavar="PATTERN", help="dataset.test: the data set's own test part")
    parser.add_argument(
        "--colour",
        action=argparse.BooleanOptionalAction,
        help="show models the colour of pictures or drawn spectrograms; by default, where most have some",
    )
    parser.add_argument("--minutes", type=float, default=MINUTES, help="that the study may take, %(default)g")
    parser.add_argument("--yes", action="store_true", help="ask nothing, take what is likely")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, default=paths.PARAMS, help="params.yaml by default"
    )
    parser.add_argument("--force", action="store_true", help="write over settings of your own")


def main(arguments: argparse.Namespace) -> None:
    preset = arguments.preset or BASE
    base = YAML(typ="safe", pure=True).load(expand_preset(preset))
    if not arguments.force:
        check_replaceable(arguments.out)
    asks = on_a_terminal() and not arguments.yes
    log.info("looking at %s", arguments.folder)
    survey = survey_of(arguments.folder, answers=_answers(arguments))
    group = arguments.group
    if asks and arguments.kind is None and survey.are_pictures:
        kinds = sorted(("pictures", "spectrograms"), key=lambda kind: kind != survey.dataset.kind)
        kind = ask("Are these pictures as such, or spectrograms that were drawn?", kinds)
        survey = survey_of(arguments.folder, answers=_answers(arguments) | {"kind": kind})
    if asks and group is None and survey.groups and "group" not in survey.items:
        group = _ask_group(survey)

    began = time.process_time()
    from earshot.intake.describe import describe
    from earshot.intake.params_file import write_guesses
    from earshot.intake.proposal import propose  # imports torch, as each training does

    proposal = propose(
        survey,
        base,
        plans=arguments.preset is None,
        minutes=arguments.minutes,
        start_s=time.process_time() - began,
        group=group,
        colour=arguments.colour,
    )
    comment = f"The study of {survey.dataset.path}, as `earshot init` guesses it. Each guess has its reason above it."
    write_bytes(arguments.out, write_guesses(preset, proposal.guesses, comment=comment))
    if arguments.out == paths.PARAMS:
        remove_results_of_the_digits()
    for name, text in describe(proposal):
        print(textwrap.fill(text, WIDTH, initial_indent=f"{name:12}", subsequent_indent=" " * 12))
    print(f"{'next':12}`make repro`; {arguments.out} gives the reasons, above what was guessed")
    print(
        f"{'then':12}`git add -A && git commit -m 'My study'`: later comparisons are with this, and not with the digits"
    )


def on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _answers(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the command line says of the block `dataset`."""
    classes = [name.strip() for name in arguments.classes.split(",")] if arguments.classes else None
    return {key: getattr(arguments, key) for key in ("kind", "labels", "order", "test")} | {
        "classes": classes
    }


def _ask_group(survey: Survey) -> str:
    """The group that the user chooses, an expression or "none"."""
    candidates = {
        guess.pattern: f"{guess.groups} groups: {', '.join(guess.examples)}" for guess in survey.groups
    }
    choices = [*candidates, NONE] if survey.groups[0].is_likely else [NONE, *candidates]
    question = "Which items must stay together, because they share a speaker, a recording or a drawer?"
    return ask(question, choices, [candidates.get(choice, "each item is by itself") for choice in choices])


def ask(question: str, choices: Sequence[str], notes: Sequence[str] = ()) -> str:
    """The choice that the user makes on the terminal; the first where the line is left empty.

    Raises EarshotError where the user ends the input.
    """
    print(question)
    for number, choice in enumerate(choices, start=1):
        print(f"  {number}  {choice}" + (f"   {notes[number - 1]}" if notes else ""))
    while True:
        try:
            answer = input("[1] ").strip() or "1"
        except EOFError:
            raise EarshotError("no answer, and nothing is written; --yes takes what is likely") from None
        if answer in choices:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(choices):
            return choices[int(answer) - 1]
        print(f"  a number from 1 to {len(choices)}")


def remove_results_of_the_digits() -> None:
    """Remove the results that come with Earshot, which Git has; nothing where those of another study lie there."""
    lock = YAML(typ="safe", pure=True).load(LOCK) if LOCK.is_file() else None
    index = ((lock or {}).get("stages") or {}).get("index") or {}
    if paths.DIGITS.as_posix() not in {dep.get("path") for dep in index.get("deps", ())}:
        return
    remove(*(output for output in paths.OUTPUTS if output != paths.CHECKPOINTS), LOCK)
