"""Set the models, the views and the numbers of classes side by side, and say what that shows."""

from earshot.config.other_results import Cells, warn_of_other_results
from earshot.config.stage import run_stage
from earshot.config.unfit import fitting
from earshot.core import paths
from earshot.core.io import read_json, read_table, write_bytes, write_json, write_table
from earshot.evaluation import listeners
from earshot.evaluation.chart_tables import chart_tables
from earshot.evaluation.compare import pairs, summary, summary_metrics
from earshot.evaluation.predictions import Key
from earshot.evaluation.subgroups import subgroups
from earshot.evaluation.training_length import training_lengths
from earshot.evaluation.verdict import markdown, verdict
from earshot.evaluation.warnings import of_data_set, of_features, warnings, warnings_table
from earshot.features.doubts import read_doubts
from earshot.listening import answers
from earshot.models.card import read_card


class Params(Cells):
    """Which models the study has."""


def main() -> None:
    warn_of_other_results(params := Params.read())
    items = read_table(paths.BALANCED)
    groups = items.set_index("id")["group"]
    models: list[Key] = list(fitting(params.subsets, params.views, params.models))
    predictions = {model: read_table(paths.predictions(*model)) for model in models}
    results = {model: (read_json(paths.metrics(*model)), predictions[model]) for model in models}
    trained = {model: read_card(paths.model(*model)) for model in models}
    transfers = {cell: read_table(paths.transfer(*cell)) for cell in params.transferred}
    heard = answers.of_study(items, predictions)
    lengths = training_lengths(trained)
    watched = [model for model, about in trained.items() if about.trainer.track_test]
    table, compared = summary(results, transfers, groups=groups), pairs(results, groups=groups)
    checks = read_table(paths.CHECKS)
    doubts = of_features(read_doubts(params.views)) + of_data_set(checks) + heard.left_out
    doubts += warnings(results, table, compared, groups=groups, watched=watched)
    listened, beside = listeners.beside_models(heard.tables, results, groups=groups)
    write_json(paths.SUMMARY_METRICS, summary_metrics(table, warnings=len(doubts)))
    sentences = verdict(results, table, compared, lengths=lengths, claims=list(checks["claim"]))
    sentences += listeners.sentences(listened, beside, table)
    write_bytes(paths.VERDICT, markdown(sentences, doubts).encode())
    for path, rows in {
        paths.SUMMARY: table,
        paths.PAIRS: listeners.all_pairs(compared, beside),
        paths.LISTENER_SCORES: listened,
        paths.SUBGROUPS: subgroups(predictions, items, read_table(paths.DESCRIBED_ITEMS)),
        paths.WARNINGS: warnings_table(doubts),
        **{paths.PLOTS / name: rows for name, rows in chart_tables(table, results, lengths).items()},
    }.items():
        write_table(path, rows)


if __name__ == "__main__":
    run_stage(main)
