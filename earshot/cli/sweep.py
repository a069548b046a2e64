"""Run the study once for every value in params.yaml's block `sweep`, and set the results side by side."""

import argparse
import contextlib
import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from ruamel.yaml import YAML
from tqdm import tqdm

from earshot.config.load import load, with_setting
from earshot.config.study import Study
from earshot.core import lifeline, paths, swept
from earshot.core.errors import EarshotError
from earshot.core.io import read_json, read_table, write_bytes, write_json, write_table
from earshot.models.validate import validate
from earshot.plots.sweep import describe_seeds, draw, summarize_seeds
from earshot.sonification.sonify import geometry

log = logging.getLogger(__name__)

Sweeps = dict[str, list[Any]]  # the values that each setting takes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "settings",
        metavar="KEY",
        nargs="*",
        help="settings to sweep, `seed` for one; all of the block by default",
    )
    parser.add_argument("--jobs", type=int, default=joblib.cpu_count(), help="stages side by side")


def main(arguments: argparse.Namespace) -> None:
    with swept.exclusively(), terminated_by_exception():
        swept.restore_params()  # where an earlier sweep was killed
        content = load()
        params = validate(content)
        sweeps = select_sweeps(params, arguments.settings)
        studies = [(key, value) for key, values in sweeps.items() for value in values]
        for key, value in studies:  # all faults before the first hour of work
            source = f"{paths.PARAMS} with {key}={json.dumps(value)}"
            validate(with_setting(content, key, value), source=source)
        write_results(run_studies(studies, arguments.jobs))
        reproduce(arguments.jobs, doing="the study as params.yaml has it")
    log.info("%s has %d studies, %s draws them", paths.SWEEP, len(studies), paths.PLOTS / "sweep.png")


def run_studies(studies: list[tuple[str, Any]], jobs: int) -> pd.DataFrame:
    """The results of all studies in one table; params.yaml is as it was afterwards.

    studies : each a setting and its value
    """
    rows = []
    swept.keep_original()
    try:
        for key, value in (bar := tqdm(studies, desc="sweep", unit="study", disable=None)):
            name = f"{key}={json.dumps(value)}"
            bar.set_postfix_str(name)
            swept.write_variant(variant_of(swept.ORIGINAL, key, value))
            reproduce(jobs, doing=f"the study with {name}")
            rows.append(read_results(key, value))
    finally:
        swept.restore_params()
    return pd.concat(rows, ignore_index=True)


def write_results(table: pd.DataFrame) -> None:
    """Write the sweep's table, its chart and, where seeds were swept, mean and deviation over them."""
    write_table(paths.SWEEP, table)
    write_bytes(paths.PLOTS / "sweep.png", draw(table))
    of_seeds = table[table["setting"] == "seed"]
    if len(of_seeds):
        summary = summarize_seeds(of_seeds)
        write_json(paths.SEEDS, summary)
        for line in describe_seeds(summary):
            log.info("%s", line)


def select_sweeps(params: Study, names: list[str]) -> Sweeps:
    """The sweeps of the settings that are named, all where none is."""
    sweeps = params.sweep
    if not sweeps:
        raise EarshotError(
            f"{paths.PARAMS}: sweep is empty; give it settings with their values, as `sweep: {{seed: [1, 2, 3]}}`"
        )
    if unknown := [name for name in names if name not in sweeps]:
        raise EarshotError(f"{unknown[0]} is not in {paths.PARAMS}'s sweep, which has {', '.join(sweeps)}")
    sweeps = {key: values for key, values in sweeps.items() if not names or key in names}
    idle = [key for key in sweeps if key.startswith("sonify.") and params.dataset.kind != "pictures"]
    if idle:
        raise EarshotError(
            f"{idle[0]} changes nothing where dataset.kind is {params.dataset.kind}; take it out of the sweep in "
            f"{paths.PARAMS}"
        )
    return sweeps


def read_results(key: str, value: Any) -> pd.DataFrame:
    """data/summary.csv of the study that has just run, with the value of the setting and how much its sounds keep."""
    table = read_table(paths.SUMMARY)
    fidelity = read_json(paths.FIDELITY)
    columns: dict[str, Any] = {"setting": key, "step": json.dumps(value)}
    if fidelity["items"]:
        sizes = geometry(validate(load()).sonify)
        columns["redundancy"] = sizes.n_fft / sizes.hop_length
        columns |= {name: fidelity[f"{name}_median"] for name in ("ssim", "pearson")}
    for place, (name, content) in enumerate(columns.items()):
        table.insert(place, name, content)
    return table


def variant_of(source: Path, key: str, value: Any) -> bytes:
    """The bytes of a params file with one setting changed, its comments kept."""
    yaml = YAML()
    yaml.width = 1000
    content = with_setting(yaml.load(source), key, value)
    buffer = io.BytesIO()
    yaml.dump(content, buffer)
    return buffer.getvalue()


@contextlib.contextmanager
def terminated_by_exception() -> Iterator[None]:
    """Within the `with`, a termination or a closed terminal goes through every `finally`, as Ctrl-C does."""
    before = {
        number: signal.signal(number, lambda number, _: sys.exit(128 + number))
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN  # as nohup has it
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def reproduce(jobs: int, *, doing: str) -> None:
    """Run the pipeline up to `compare`. What ran before with the same settings comes from DVC's run cache.

    In a session of its own, which ends with this process: training takes Ctrl-C as leave to finish early, and would be
    kept as done.
    """
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(
        [sys.executable, "-P", lifeline.__file__, "scripts/repro", str(jobs), "compare"],
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout
    try:
        output = process.stdout.read()
        status = process.wait()
    except BaseException:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        raise
    if status:
        raise EarshotError(f"{output.strip()}\nThe sweep stopped at {doing}; {paths.PARAMS} is as it was.")
