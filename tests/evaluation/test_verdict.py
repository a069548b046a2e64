"""The verdict says what the numbers do, ranks nothing that is not shown, and says how sure it is."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from earshot.evaluation import verdict
from earshot.evaluation.training_length import TrainingLength, training_length
from earshot.evaluation.warnings import StudyWarning
from tests.evaluation.studies import N, right_at, study


def sentences(answered):
    results, _, summary, pairs = study(answered)
    return verdict.verdict(results, summary, pairs)


def runs_at(rate, seed, runs=5):
    """Runs that are right on about this share of the items, most of them the same ones."""
    rng = np.random.default_rng(seed)
    ease = np.random.default_rng(7).normal(size=N)
    scores = ease + 0.5 * rng.normal(size=(runs, N))
    return scores > np.quantile(scores, 1 - rate)


def test_verdict_says_what_the_numbers_do():
    best, kept, control = sentences(
        {
            ("sound", "cnn"): runs_at(0.8, 1),
            ("sound", "lstm"): runs_at(0.6, 2),
            ("picture", "cnn"): runs_at(0.9, 3),
            ("shuffled", "cnn"): runs_at(0.52, 4),
        }
    )
    assert best.startswith("On 200 test items of 2 classes, cnn on sound is right on 80.0 % (")
    assert "and lstm on 60.0 % (" in best
    assert (
        "means of 5 runs, where guessing gets 50.0 %. That cnn is better than lstm is significant: by +"
        in best
    )
    assert best.endswith(
        "as two equally good models would differ as much in fewer than 1 of 1,000 such studies."
    )
    assert kept.startswith("As sound the pictures keep 75.0 % (")
    assert control.startswith("Trained on shuffled labels, cnn is right on 52.0 %")
    assert "not shown to beat the 50.0 % of no skill (p = " in control
    assert control.endswith(
        "), as it should be: no identical items are in both training and test. Near-duplicates, and items that share "
        "a source, would not show."
    )


def test_what_is_not_shown_is_not_ranked():
    worse_first, *_ = sentences({("sound", "lstm"): runs_at(0.79, 2), ("sound", "cnn"): runs_at(0.8, 1)})
    assert "lstm on sound is right on 79.0 %" in worse_first  # in the order of params.yaml
    assert "Whether lstm or cnn is better is not shown: -1.0 points (" in worse_first
    assert "for lstm, not significant, as two equally good models would differ as much in" in worse_first
    assert "than" not in worse_first


RULE = TrainingLength(20, 5, [(15, 20), (7, 12)])


@pytest.mark.parametrize(
    ("cnn", "lstm", "told"),
    [
        (RULE, RULE._replace(runs=[(20, 20), (3, 8)]), ""),  # one rule, whatever number of epochs it came to
        (
            RULE,
            RULE._replace(epochs=30, patience=0, runs=[(25, 30), (3, 30)]),
            " They were not trained equally long: cnn for 20 epochs or until 5 brought nothing better and lstm for 30 "
            "epochs.",
        ),
        (
            RULE._replace(runs=[(15, 20), (7, 9)]),
            RULE,
            " The training of cnn was stopped by hand in run 2, after 9 epochs.",
        ),
        (
            RULE._replace(epochs=0, patience=0, runs=[(9, 12)]),
            RULE._replace(epochs=0, runs=[(15, 20), (7, 12)]),
            " The training of cnn was stopped by hand, after 12 epochs. They were not trained equally long: cnn until "
            "it was stopped and lstm for epochs without limit until 5 brought nothing better.",
        ),
    ],
)
def test_models_that_were_not_trained_equally_long_are_told(cnn, lstm, told):
    results, _, summary, pairs = study({("sound", "cnn"): right_at(0.8), ("sound", "lstm"): right_at(0.6)})
    plain, *_ = verdict.verdict(results, summary, pairs)
    lengths = {(2, "sound", "cnn"): cnn, (2, "sound", "lstm"): lstm, (2, "shuffled", "cnn"): RULE}
    noted, *_ = verdict.verdict(results, summary, pairs, lengths=lengths)
    assert noted == plain + told


@pytest.mark.parametrize(("validated", "patience"), [(True, 5), (False, 0)])
def test_without_a_validation_part_patience_is_no_part_of_the_rule(validated, patience):
    card = SimpleNamespace(trainer=SimpleNamespace(epochs=20, patience=5), runs=[])
    assert training_length(card, validated=validated) == (20, patience, [])


def test_single_runs_are_trained_models():
    best, *_ = sentences({("sound", "cnn"): right_at(0.8), ("sound", "lstm"): right_at(0.6)})
    assert "one trained model each, where guessing gets" in best
    assert "That this trained cnn is better than this trained lstm is significant: by +20.0 points (" in best
    assert "), p < 0.001." in best
    assert best.endswith("One run says nothing of what another training of the same model would give.")


def test_runs_of_models_that_differ_in_number_are_told():
    best, *_ = sentences({("sound", "cnn"): runs_at(0.8, 1), ("sound", "lstm"): runs_at(0.6, 2, runs=1)})
    assert "with 5 runs of cnn and 1 run of lstm" in best
    assert "That cnn is better than this trained lstm is significant" in best


def test_the_best_is_compared_with_every_other_and_all_comparisons_count():
    best, *_ = sentences({("sound", name): runs_at(0.9 - 0.1 * n, n) for n, name in enumerate("abc")})
    assert "a on sound is right on 90.0 %" in best
    assert ", b on 80.0 %" in best
    assert "That a is better than b" in best
    assert "That a is better than c" in best
    assert "b is better" not in best
    assert "all 3 comparisons counted" in best


def test_many_models_are_left_to_the_table():
    best, *_ = sentences({("sound", f"m{n}"): runs_at(0.9 - 0.1 * n, n) for n in range(7)})
    assert best.count("better than") == 4
    assert "data/pairs.csv compares it with 2 more." in best


def test_one_model_alone_is_compared_with_none():
    best, *_ = sentences({("sound", "cnn"): runs_at(0.8, 1)})
    assert best.endswith("the mean of 5 runs, where guessing gets 50.0 %.")


def test_verdict_without_a_ceiling_or_a_control_says_so():
    best, spread, control = sentences({("sound", "cnn"): right_at(0.8), ("sound", "lstm"): right_at(0.8)})
    assert "Whether this trained cnn or this trained lstm is better is not shown: +0.0 points (" in best
    assert "for cnn, not significant, McNemar's exact test p = 1." in best
    assert "cnn's macro F1 is 80.0 %" in spread
    assert "not ruled out" in control


def test_verdict_without_the_same_model_on_both_measures_nothing_kept():
    _, kept, _ = sentences({("sound", "cnn"): right_at(0.8), ("picture", "lstm"): right_at(0.8)})
    assert "not measured" in kept


def test_the_floor_of_several_models_counts_them_all():
    floors = {("shuffled", name): runs_at(0.5, seed) for seed, name in enumerate("ab")}
    control = sentences({("sound", "a"): runs_at(0.8, 1)} | floors)[2]
    assert "a is right on 50.0 % (" in control
    assert ", both counted), as it should be:" in control


def test_verdict_says_what_in_the_data_set_puts_it_in_doubt():
    results, _, summary, pairs = study({("sound", "cnn"): right_at(0.8)})
    *_, last = verdict.verdict(results, summary, pairs, claims=["9 of 200 test items are copies", "", "more"])
    assert last == "The data set puts this in doubt: 9 of 200 test items are copies; more."


def test_verdict_names_a_leak():
    control = sentences({("sound", "cnn"): right_at(0.8), ("shuffled", "cnn"): runs_at(0.7, 1)})[2]
    assert "cnn above the 50.0 % of no skill, so the test items are not independent" in control


def test_the_interval_counts_for_the_better_model_whatever_the_order_of_the_pair():
    best, *_ = sentences({("sound", "cnn"): right_at(0.6), ("sound", "lstm"): right_at(0.8)})
    middle, low, high = re.search(r"significant: by (\S+) points \((\S+) to (\S+)\)", best).groups()
    assert 0 < float(low) < float(middle) < float(high)


def test_the_file_holds_the_verdict_and_then_its_warnings():
    sentences = ["Right on 98.1 %.", "Keeps all."]
    assert verdict.markdown(sentences, []) == "# Verdict\n\nRight on 98.1 %.\nKeeps all.\n"
    warning = StudyWarning("watched", 2, "sound", "cnn", "its test part was watched in training.")
    text = verdict.markdown(sentences, [warning])
    assert text.endswith(
        "\n\n## Warnings\n\n- subset 2: cnn on sound: its test part was watched in training.\n"
    )
    assert verdict.sentences_of(text) == verdict.sentences_of(verdict.markdown(sentences, [])) == sentences
