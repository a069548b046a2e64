"""Studies that differ in one setting: what each of its values does to accuracy and retention."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from earshot.plots.figures import figure, png

TITLES = {
    "sonify.hop_length": "redundancy, n_fft / hop_length",
    "sonify.iterations": "iterations of Griffin-Lim",
    "sonify.noise_snr_db": "signal-to-noise ratio of the channel, dB",
    "sonify.band_hz": "band of the channel, Hz",
}
COLOURS = ["#1f6f8b", "#c8553d", "#5b8c3a", "#8055a3", "#b58a1b", "#4f5b66"]
LEGEND = 1.7  # its width beside the panels, in inches


def summarize_seeds(table: pd.DataFrame) -> dict[str, Any]:
    """Mean and standard deviation over seeds, as {"seeds": n, subset: {view: {model: {...}}}}.

    table : data/sweep.csv, the rows of the setting `seed`
    Each leaf has `runs`, of which each seed's accuracy is the mean, `accuracy_mean` and `accuracy_deviation`, and
    likewise `retention` and `transfer` where all seeds have them; deviations divide by n - 1, and one seed has none.
    They hold the choice of the split, which runs of one seed share.
    """
    summary: dict[str, Any] = {"seeds": int(table["step"].nunique())}
    for (subset, view, model), rows in table.groupby(["subset", "view", "model"], sort=False):
        leaf: dict[str, float] = {"runs": int(rows["runs"].max())}
        for key in ("accuracy", "retention", "transfer"):
            if rows[key].notna().all():
                leaf[f"{key}_mean"] = round(float(rows[key].mean()), 6)
                if len(rows) > 1:
                    leaf[f"{key}_deviation"] = round(float(rows[key].std(ddof=1)), 6)
        summary.setdefault(str(subset), {}).setdefault(view, {})[model] = leaf
    return summary


def describe_seeds(summary: dict[str, Any]) -> Iterator[str]:
    """One line a subset, view and model of what `summarize_seeds` gives."""
    for subset, views in summary.items():
        for view, models in views.items() if isinstance(views, dict) else ():
            for model, leaf in models.items():
                line = f"{subset} classes, {model} on {view}: {100 * leaf['accuracy_mean']:.1f} %"
                if "accuracy_deviation" in leaf:
                    line += f" ± {100 * leaf['accuracy_deviation']:.1f} over {summary['seeds']} seeds"
                    line += f" of {leaf['runs']} runs" if leaf["runs"] > 1 else ""
                yield line


def draw(table: pd.DataFrame) -> bytes:
    """One panel a setting, as PNG: retention, or accuracy where nothing was a picture, and what the sounds keep.

    table : data/sweep.csv
    """
    settings = list(dict.fromkeys(table["setting"]))
    score = "retention" if table["retention"].notna().any() else "accuracy"
    drawn = figure(4.2 * len(settings) + LEGEND, 3.6)
    panels = drawn.subplots(1, len(settings), squeeze=False, sharey=True)[0]
    for panel, setting in zip(panels, settings, strict=True):
        _panel(panel, table[(table["setting"] == setting) & table[score].notna()], setting, score)
    panels[0].set_ylabel(f"{score}, 95 % interval", fontsize=9)
    panels[-1].legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1), borderaxespad=0)
    drawn.tight_layout()
    return png(drawn)


def _panel(panel: Axes, rows: pd.DataFrame, setting: str, score: str) -> None:
    steps = list(dict.fromkeys(rows["step"]))
    place = {step: number for number, step in enumerate(steps)}
    series = list(rows.groupby(["subset", "model", "view"], sort=False))
    several = rows["subset"].nunique() > 1
    for number, ((subset, model, view), line) in enumerate(series):
        shift = 0.12 * (number - (len(series) - 1) / 2)
        middle = line[score].to_numpy()
        limits = np.abs(line[[f"{score}_low", f"{score}_high"]].to_numpy().T - middle)
        name = f"{model} on {view}" + (f", {subset} classes" if several else "")
        panel.errorbar(
            line["step"].map(place) + shift,
            middle,
            yerr=np.nan_to_num(limits),
            color=COLOURS[number % len(COLOURS)],
            label=name,
            marker="o",
            markersize=4,
            linewidth=1.2,
            capsize=2,
            linestyle="none" if setting == "seed" else "-",  # seeds have no order
        )
    if "pearson" in rows and rows["pearson"].notna().any() and setting != "seed":
        steps_once = rows.drop_duplicates("step")
        panel.plot(
            steps_once["step"].map(place),
            steps_once["pearson"],
            color="#8a8a8a",
            linestyle="--",
            linewidth=1,
            label="correlation of pictures",
        )
    panel.set_xticks(range(len(steps)), [_label(step, setting, rows) for step in steps], fontsize=8)
    panel.tick_params(axis="y", labelsize=8)
    panel.set_xlabel(TITLES.get(setting, setting), fontsize=9)
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(axis="y", color="#e4e4e4", linewidth=0.6)
    panel.set_axisbelow(True)


def _label(step: str, setting: str, rows: pd.DataFrame) -> str:
    if setting == "sonify.hop_length":
        return f"{rows.loc[rows['step'] == step, 'redundancy'].iloc[0]:g}"
    value = json.loads(step)
    if isinstance(value, list):
        return "–".join(f"{end:g}" for end in value)
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
