"""A made-up study in two versions, as DVC projects hold them: no stage runs, seconds become tenths."""

import shutil

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from earshot.core import paths
from earshot.core.io import write_json, write_table
from earshot.evaluation.answers import answers as made
from earshot.plots import charts
from tests.evaluation.predictions import answers, each_its_own
from tests.repository import ROOT
from tests.study import commit, run

ITEMS = 60
CNN, LSTM, NEW = (2, "sound", "cnn"), (2, "sound", "lstm"), (2, "sound", "linear")


def make_proposal(folder):
    """Three commits: `empty`, without results; `base`; and main: a better lstm, the same cnn, one model more."""
    folder.mkdir()
    run("git", "init", "-q", "-b", "main", cwd=folder)
    run("git", "config", "user.name", "tests", cwd=folder)
    run("git", "config", "user.email", "tests@example.org", cwd=folder)
    (folder / ".dvc").mkdir()
    for name in ("config", ".gitignore"):
        shutil.copy(ROOT / ".dvc" / name, folder / ".dvc" / name)
    commit(folder, "Nothing")
    run("git", "tag", "empty", cwd=folder)
    write_study(folder, {CNN: right_but(0, 1), LSTM: right_but(*range(20))}, hidden=8)
    run("git", "tag", "base", cwd=folder)
    rights = {CNN: right_but(0, 1), LSTM: right_but(0, 30), NEW: right_but()}
    write_study(folder, rights, hidden=16)
    return folder


def right_but(*wrong):
    right = np.ones(ITEMS, dtype=bool)
    right[list(wrong)] = False
    return right


def write_study(folder, rights, *, hidden):
    """A DVC project whose outputs are made up: answers that are right on these items, and curves.

    rights : dict from (subset, view, model) to array of bool
    """
    outputs, curves = [], []
    for number, (key, right) in enumerate(rights.items()):
        table = answers(right)
        write_table(folder / paths.answers(*key), made(table, groups=each_its_own(table)))
        losses = [0.9, 0.5 + 0.01 * number + 0.001 * hidden]
        curves.append(pd.DataFrame({"series": f"{key[2]} on {key[1]}", "epoch": [1, 2], "loss": losses}))
        outputs.append({str(paths.answers(*key)): {"cache": False}})
    write_table(folder / "plots/curves.csv", pd.concat(curves).assign(part="train", kept=2))
    outputs.append("plots/curves.csv")
    summary: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for (subset, view, model), right in rights.items():
        leaf = {"accuracy": float(right.mean())}
        summary.setdefault(str(subset), {}).setdefault(view, {})[model] = leaf
    write_json(folder / paths.SUMMARY_METRICS, summary)
    metrics = [{str(paths.SUMMARY_METRICS): {"cache": False}}]
    stage = {"cmd": "true", "params": ["hidden"], "outs": outputs, "metrics": metrics}
    yaml = YAML()
    template = charts.FOLDER / "curves.json"
    plot = {"x": "epoch", "y": {"plots/curves.csv": "loss"}, "template": template.name}
    shutil.copy(template, folder)
    yaml.dump({"stages": {"evaluate": stage}, "plots": [{"curves": plot}]}, folder / "dvc.yaml")
    yaml.dump({"hidden": hidden}, folder / "params.yaml")
    (folder / ".gitignore").write_text("/plots/\n")
    run("dvc", "commit", "-q", "-f", cwd=folder)
    commit(folder, f"Hidden {hidden}")
