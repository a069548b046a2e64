"""Set the models, the views and the numbers of classes side by side, and say what that shows."""

from itertools import product

from earshot.config.base import Models, Natural, Subsets, Views
from earshot.config.load import StageParams
from earshot.core import paths
from earshot.core.io import read_json, read_table, write_bytes, write_json, write_table
from earshot.core.process import run_stage
from earshot.evaluation.compare import accuracy_by_classes, bars, pairs, summary, summary_metrics
from earshot.evaluation.metrics import describe
from earshot.evaluation.predictions import classes_of
from earshot.evaluation.verdict import verdict, warnings


class Params(StageParams):
    seed: Natural
    subsets: Subsets
    views: Views
    models: Models


def main():
    params = Params.read()
    groups = read_table(paths.SPLIT).set_index("id")["group"]
    results, watched = {}, []
    for subset, view, model in product(params.subsets, params.views, params.models):
        predictions = read_table(paths.predictions(subset, view, model))
        classes = classes_of(predictions)
        scores = describe(predictions, groups=groups[predictions["id"]], classes=classes, seed=params.seed)
        description = read_json(paths.model(subset, view, model) / "model.json")
        results[subset, view, model] = scores | {"parameters": description["parameters"]}, predictions
        if description["trainer"]["track_test"]:
            watched.append(f"subset {subset}: {model} on {view}: its test part was watched in training.")

    transfers = {
        (subset, model): read_table(paths.transfer(subset, model))
        for subset, model in product(params.subsets, params.models)
        if {"sound", "picture"} <= set(params.views)
    }
    table = summary(results, transfers, groups=groups, seed=params.seed)
    differences = pairs(results, groups=groups, seed=params.seed)
    told = watched + warnings(results, table, differences, groups=groups)
    write_table(paths.SUMMARY, table)
    write_table(paths.PAIRS, differences)
    write_table(paths.PLOTS / "accuracy.csv", accuracy_by_classes(table))
    write_table(paths.PLOTS / "bars.csv", bars(table))
    write_json(paths.SUMMARY_METRICS, summary_metrics(table, warnings=told))
    lines = [
        "# Verdict",
        "",
        *verdict(results, table, differences),
        "",
        *(f"- {warning}" for warning in told),
    ]
    write_bytes(paths.VERDICT, ("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    run_stage(main)
