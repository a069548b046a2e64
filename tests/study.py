"""A tiny study in a clone of the working tree: made-up pictures, two small models, seconds to run."""

import copy
import io
import logging
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

import earshot.__main__
from earshot.core import process
from tests.repository import ROOT

TINY = {
    "subsets": [2],
    "views": ["sound", "picture"],
    "models": ["cnn", "lstm"],
    "epochs": 2,
    "runs": 2,
    "dataset.path": "pictures",
    "dataset.samples": [],
    "dataset.shard_size": 20,
    "sonify.rows": 16,
    "sonify.columns": 16,
    "sonify.iterations": 4,
    "gradcam.per_class": 2,
    "gradcam.checked": 4,
    "gradcam.steps": 4,
    "zoo.cnn": {"width": 2, "dense": 8},
    "zoo.lstm": {"hidden": 8, "layers": 1, "dropout": 0.0},
}


def clone(folder):
    """A Git repository of the working tree as it stands, without its outputs or its lock."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in listed.splitlines():
        if not name.startswith(("metrics/", "dvc.lock")) and (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    run("git", "init", "-q", "-b", "main", cwd=folder)
    run("git", "config", "user.name", "tests", cwd=folder)
    run("git", "config", "user.email", "tests@example.org", cwd=folder)
    return folder


def write_pictures(folder, *, per_class=30, classes="abc"):
    """Pictures of 16×16 with a bright band at a height that the class gives, and noise."""
    rng = np.random.default_rng(0)
    for place, label in enumerate(classes):
        for number in range(per_class):
            picture = rng.integers(0, 120, (16, 16), dtype=np.uint8)
            picture[2 + 4 * place : 5 + 4 * place] += 120
            path = folder / "pictures" / label / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(path)


def write_params(folder, **changes):
    """Write the repository's params.yaml into a folder, with these settings changed and one run a model."""
    shutil.copy(ROOT / "params.yaml", folder)
    set_params(folder, **({"runs": 1} | changes))


def set_params(folder, **changes):
    """Write settings into params.yaml, by their dotted names."""
    path = folder / "params.yaml"
    params = copy.deepcopy(_parsed(path.read_text(encoding="utf-8")))
    for key, value in changes.items():
        *parents, last = key.split(".")
        block = params
        for parent in parents:
            block = block[parent]
        block[last] = value
    YAML().dump(params, path)


@cache
def _parsed(text):
    """Settings with their comments: hundreds of tests begin with the same ones."""
    return YAML().load(text)


def commit(folder, message="State"):
    run("git", "add", "-A", cwd=folder)
    run("git", "commit", "-q", "-m", message, cwd=folder)


def tiny_study(folder):
    """The clone with the tiny study's pictures and params, committed."""
    clone(folder)
    write_pictures(folder)
    (folder / ".gitignore").open("a").write("/pictures/\n")
    set_params(folder, **TINY)
    commit(folder, "Tiny study")
    return folder


def reproduced_study(folder):
    """The tiny study with all outputs and its lock, committed, without a process for each stage."""
    tiny_study(folder)
    run("python", "-m", "tests.in_one_process", cwd=folder)
    run("python", "-m", "scripts.quick_dvc", "commit", "-q", "-f", cwd=folder)
    commit(folder, "Reproduce")
    return folder


def run(*command, cwd, ok=True):
    """Run a command with this Python's programs first in the path; its output, both streams together."""
    process = start(*command, cwd=cwd)
    output, _ = process.communicate()
    assert (process.returncode == 0) == ok, f"{' '.join(command)} exited {process.returncode}:\n{output}"
    return output


def start(*command, cwd):
    """Start a command in a process group of its own."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def call(stage, *arguments):
    """Run a stage in this process and the working directory, as `python -m stages.NAME` would with these arguments."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [stage.__name__, *map(str, arguments)])
        stage.main()


def command(*arguments, cwd, ok=True):
    """Run a command of Earshot as `earshot COMMAND` would, but in this process; its output, both streams together."""
    output, logger, status = io.StringIO(), logging.getLogger("earshot"), None
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(output):
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["earshot", *arguments])
        for name in ("handlers", "level", "propagate"):  # which a process of its own sets
            patch.setattr(logger, name, getattr(logger, name))
        try:
            process.run(earshot.__main__.main)
        except SystemExit as end:
            status = end.code
    text = output.getvalue() + (f"{status}\n" if isinstance(status, str) else "")
    assert (not status) == ok, f"{' '.join(arguments)} ended with {status}:\n{text}"
    return text


def dvc(*arguments, environment=None):
    """What `earshot.store.lock.dvc` gives, by DVC in this process: one of its own takes a second to start."""
    from dvc.cli import main

    output, errors, logger = io.StringIO(), io.StringIO(), logging.getLogger("dvc")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        # DVC_TEST keeps its hands off sys.stdout
        for name, value in ({"DVC_TEST": "1"} | (environment or {})).items():
            patch.setenv(name, value)
        for handler in logger.handlers:
            patch.setattr(handler, "stream", errors if handler.level >= logging.WARNING else output)
        level = logger.level
        # as a process of its own has it: DVC's API, asked before, leaves it higher
        logger.setLevel(logging.INFO)
        status = main(list(arguments))
        logger.setLevel(level)
    return subprocess.CompletedProcess(arguments, status, output.getvalue(), errors.getvalue())


def stages_run(output):
    """The stages that `dvc repro` says it ran, in order."""
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage '")]
