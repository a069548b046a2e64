"""Run the study once for every step of the ladders in params.yaml's block `sweep`, and set them side by side."""

import contextlib
import fcntl
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import joblib
import pandas as pd
from ruamel.yaml import YAML
from tqdm import tqdm

from earshot.config.load import load, with_setting
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_json, read_table, write_bytes, write_json, write_table
from earshot.models.validate import validate
from earshot.plots.sweep import draw, seeds_in_words, spread
from earshot.sonification.sonify import geometry

FOLDER = paths.CHECKPOINTS / "sweep"
ORIGINAL = FOLDER / "params.yaml"  # what params.yaml said, as long as a sweep is at work
STEP = FOLDER / "step.yaml"  # what the sweep made of it last


def add_arguments(parser):
    parser.add_argument(
        "ladders", metavar="KEY", nargs="*", help="ladders to climb, seed for one; all of them unless told"
    )
    parser.add_argument("--jobs", type=int, default=joblib.cpu_count(), help="stages side by side")


def main(arguments):
    with alone(), ended_by_exception():
        put_back()  # where an earlier sweep was killed
        content = load()
        params = validate(content)
        ladders = chosen(params, arguments.ladders)
        studies = [(key, value) for key, values in ladders.items() for value in values]
        for key, value in studies:  # all faults before the first hour of work
            source = f"{paths.PARAMS} with {key}={json.dumps(value)}"
            validate(with_setting(content, key, value), source=source)
        write(climbed(studies, arguments.jobs), ladders)
        reproduce(arguments.jobs, doing="the study as params.yaml has it")
    print(f"{paths.SWEEP} has {len(studies)} studies, {paths.PLOTS / 'sweep.png'} draws them.")


def climbed(studies, jobs):
    """The outcome of each study, one table; params.yaml is as it was afterwards."""
    rows = []
    write_bytes(ORIGINAL, paths.PARAMS.read_bytes())
    try:
        for key, value in (bar := tqdm(studies, desc="sweep", unit="study", disable=None)):
            told = f"{key}={json.dumps(value)}"
            bar.set_postfix_str(told)
            content = changed(ORIGINAL, key, value)
            write_bytes(STEP, content)
            write_bytes(paths.PARAMS, content)
            reproduce(jobs, doing=f"the study with {told}")
            rows.append(outcome(key, value))
    finally:
        put_back()
    return pd.concat(rows, ignore_index=True)


def write(table, ladders):
    """The sweep's table, its chart and, where seeds were swept, their spread."""
    write_table(paths.SWEEP, table)
    write_bytes(paths.PLOTS / "sweep.png", draw(table))
    if "seed" in ladders:
        found = spread(table[table["ladder"] == "seed"])
        write_json(paths.SEEDS, found)
        print("\n".join(seeds_in_words(found)))


def chosen(params, names):
    """The ladders that are asked for, all where none is."""
    ladders = params.sweep
    if not ladders:
        raise EarshotError(
            f"{paths.PARAMS}: sweep is empty; give it ladders, as `sweep: {{seed: [1, 2, 3]}}`"
        )
    if unknown := [name for name in names if name not in ladders]:
        raise EarshotError(f"{unknown[0]} is not in {paths.PARAMS}'s sweep, which has {', '.join(ladders)}")
    ladders = {key: values for key, values in ladders.items() if not names or key in names}
    idle = [key for key in ladders if key.startswith("sonify.") and params.dataset.kind != "pictures"]
    if idle:
        raise EarshotError(
            f"{idle[0]} changes nothing where dataset.kind is {params.dataset.kind}; take it out of the sweep in "
            f"{paths.PARAMS}"
        )
    return ladders


def outcome(key, value):
    """data/summary.csv of the study that has just run, with the ladder's step and what its sounds keep."""
    table = read_table(paths.SUMMARY)
    heard = read_json(paths.FIDELITY)
    told = {"ladder": key, "step": json.dumps(value)}
    if heard["items"]:
        sizes = geometry(validate(load()).sonify)
        told["redundancy"] = sizes.n_fft / sizes.hop_length
        told |= {name: heard[f"{name}_median"] for name in ("ssim", "pearson")}
    for place, (name, content) in enumerate(told.items()):
        table.insert(place, name, content)
    return table


def changed(source, key, value):
    """The bytes of a params file with one setting changed, its comments kept."""
    yaml = YAML()
    yaml.width = 1000
    content = with_setting(yaml.load(Path(source)), key, value)
    buffer = io.BytesIO()
    yaml.dump(content, buffer)
    return buffer.getvalue()


@contextlib.contextmanager
def alone():
    """No other sweep in this folder meanwhile: each would put params.yaml back under the other."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EarshotError("Another sweep is at work in this folder; wait for it, or end it.") from None
        yield


@contextlib.contextmanager
def ended_by_exception():
    """Within the `with`, a termination goes through every `finally`, as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def put_back():
    """params.yaml as it was before the sweep, unless somebody has edited it since a sweep was killed."""
    if not ORIGINAL.is_file():
        return
    now = paths.PARAMS.read_bytes()
    if now not in (ORIGINAL.read_bytes(), STEP.read_bytes() if STEP.is_file() else now):
        raise EarshotError(
            f"{paths.PARAMS} was edited after a sweep was killed, and {ORIGINAL} holds what it said before that sweep. "
            f"Delete the one that you do not want: {ORIGINAL} itself, or {paths.PARAMS} and copy the other over it."
        )
    write_bytes(paths.PARAMS, ORIGINAL.read_bytes())
    ORIGINAL.unlink()


def reproduce(jobs, *, doing):
    """Run the pipeline up to `compare`. What ran before with the same settings comes from DVC's run cache.

    In a process group of its own: training takes Ctrl-C as leave to finish early, and would be kept as done.
    """
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(
        ["scripts/repro", str(jobs), "compare"],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        raise
    if process.returncode:
        raise EarshotError(f"{output.strip()}\nThe sweep stopped at {doing}; {paths.PARAMS} is as it was.")
