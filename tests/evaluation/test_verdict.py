"""The verdict says what the numbers do, ranks nothing that is not shown, and says how sure it is."""

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
    assert ", significantly more than lstm with 60.0 % (" in best
    assert best.endswith("): the means of 5 runs, where guessing gets 50.0 %.")
    assert kept.startswith("As sound the pictures keep 75.0 % (")
    assert kept.endswith(") of what cnn gets out of the pictures themselves, counted above chance.")
    assert control == (
        "Trained on shuffled labels, cnn is not shown to beat the 50.0 % of no skill, as it should be: no identical "
        "items are in both training and test, which says nothing of near-duplicates or of items that share a source."
    )


def test_unequal_classes_are_named_by_their_largest(monkeypatch):
    monkeypatch.setattr(verdict, "no_skill", lambda part: 0.9)
    best, *_ = sentences({("sound", "cnn"): right_at(0.93)})
    assert best.endswith(": one trained model, where naming the largest class gets 90.0 %.")


def test_what_is_not_shown_is_not_ranked():
    worse_first, *_ = sentences({("sound", "lstm"): runs_at(0.79, 2), ("sound", "cnn"): runs_at(0.8, 1)})
    assert "cnn on sound is right on 80.0 % (" in worse_first
    assert ", not shown to be more than lstm with 79.0 % (" in worse_first
    assert "significantly" not in worse_first


RULE = TrainingLength(20, 5, [(15, 20), (7, 12)])


@pytest.mark.parametrize(
    ("cnn", "lstm", "told"),
    [
        (RULE, RULE._replace(runs=[(20, 20), (3, 8)]), ""),  # one rule, whatever number of epochs it came to
        (
            RULE,
            RULE._replace(epochs=30, patience=0, runs=[(25, 30), (3, 30)]),
            "They were not trained equally long: cnn for 20 epochs or until 5 brought nothing better and lstm for 30 "
            "epochs.",
        ),
        (
            RULE._replace(runs=[(15, 20), (7, 9)]),
            RULE,
            "The training of cnn was stopped by hand in run 2, after 9 epochs.",
        ),
        (
            RULE._replace(epochs=0, patience=0, runs=[(9, 12)]),
            RULE._replace(epochs=0, runs=[(15, 20), (7, 12)]),
            "The training of cnn was stopped by hand, after 12 epochs. They were not trained equally long: cnn until "
            "it was stopped and lstm for epochs without limit until 5 brought nothing better.",
        ),
    ],
)
def test_models_that_were_not_trained_equally_long_are_told(cnn, lstm, told):
    results, _, summary, pairs = study({("sound", "cnn"): right_at(0.8), ("sound", "lstm"): right_at(0.6)})
    plain = verdict.verdict(results, summary, pairs)
    lengths = {(2, "sound", "cnn"): cnn, (2, "sound", "lstm"): lstm, (2, "shuffled", "cnn"): RULE}
    noted = verdict.verdict(results, summary, pairs, lengths=lengths)
    assert noted[: len(plain)] == plain
    assert " ".join(noted[len(plain) :]) == told


@pytest.mark.parametrize(("validated", "patience"), [(True, 5), (False, 0)])
def test_without_a_validation_part_patience_is_no_part_of_the_rule(validated, patience):
    card = SimpleNamespace(trainer=SimpleNamespace(epochs=20, patience=5), runs=[])
    assert training_length(card, validated=validated) == (20, patience, [])


def test_single_runs_are_trained_models():
    best, _, _, one_run = sentences({("sound", "cnn"): right_at(0.8), ("sound", "lstm"): right_at(0.6)})
    assert best.endswith(": one trained model each, where guessing gets 50.0 %.")
    assert one_run == "One run says nothing of what another training of the same model would give."


def test_runs_of_models_that_differ_in_number_are_told():
    best, *_ = sentences({("sound", "cnn"): runs_at(0.8, 1), ("sound", "lstm"): runs_at(0.6, 2, runs=1)})
    assert ": 5 runs of cnn and 1 run of lstm, where" in best


def test_the_best_is_compared_with_every_other():
    best, *_ = sentences({("sound", name): runs_at(0.9 - 0.1 * n, n) for n, name in enumerate("abc")})
    assert "a on sound is right on 90.0 %" in best
    assert ", significantly more than b with 80.0 % (" in best
    assert " and c with 70.0 % (" in best


def test_many_models_are_left_to_the_table():
    best, *_ = sentences({("sound", f"m{n}"): runs_at(0.9 - 0.1 * n, n) for n in range(7)})
    assert best.count(" with ") == 5
    assert "m5" not in best
    assert ", and compared with 2 more in data/pairs.csv: " in best


def test_one_model_alone_is_compared_with_none():
    best, *_ = sentences({("sound", "cnn"): runs_at(0.8, 1)})
    assert best.endswith("): the mean of 5 runs, where guessing gets 50.0 %.")


def test_verdict_without_a_ceiling_or_a_control_says_so():
    best, spread, control, _ = sentences({("sound", "cnn"): right_at(0.8), ("sound", "lstm"): right_at(0.8)})
    assert "not shown to be more than lstm with 80.0 % (" in best
    assert "cnn's macro F1 is 80.0 %" in spread
    assert "not ruled out" in control


def test_verdict_without_the_same_model_on_both_measures_nothing_kept():
    _, kept, *_ = sentences({("sound", "cnn"): right_at(0.8), ("picture", "lstm"): right_at(0.8)})
    assert "not measured" in kept


def test_pictures_without_sound_keep_what_grey_keeps_of_colour():
    _, kept, *_ = sentences({("picture", "cnn"): runs_at(0.75, 1), ("colour", "cnn"): runs_at(0.9, 3)})
    assert kept.startswith("Turned grey the pictures keep ")
    assert kept.endswith(" of what cnn gets out of the colour pictures themselves, counted above chance.")
    assert "ound" not in kept
    _, kept, *_ = sentences({("picture", "cnn"): right_at(0.8), ("colour", "lstm"): right_at(0.8)})
    assert kept.startswith("What pictures keep when they are turned grey is not measured")


def test_what_a_pretrained_model_hears_stands_before_pictures():
    best, *_ = sentences({("picture", "cnn"): right_at(0.9), ("embedding", "linear"): right_at(0.8)})
    assert "linear on embedding is right on 80.0 % (" in best


def test_the_floor_of_several_models_counts_them_all():
    floors = {("shuffled", name): runs_at(0.5, seed) for seed, name in enumerate("ab")}
    control = sentences({("sound", "a"): runs_at(0.8, 1)} | floors)[2]
    assert control.startswith(
        "Trained on shuffled labels, no model is shown to beat the 50.0 % of no skill, as it"
    )


def test_verdict_says_what_in_the_data_set_puts_it_in_doubt():
    results, _, summary, pairs = study({("sound", "cnn"): right_at(0.8)})
    *_, last = verdict.verdict(results, summary, pairs, claims=["9 of 200 test items are copies", "", "more"])
    assert last == "The data set puts this in doubt: 9 of 200 test items are copies; more."


def test_verdict_names_a_leak():
    control = sentences({("sound", "cnn"): right_at(0.8), ("shuffled", "cnn"): runs_at(0.7, 1)})[2]
    assert "cnn is right on 70.0 % (" in control
    assert "), significantly above the 50.0 % of no skill, so the test items are not independent" in control


def test_the_better_model_comes_first_whatever_the_order_of_the_pair():
    best, *_ = sentences({("sound", "cnn"): right_at(0.6), ("sound", "lstm"): right_at(0.8)})
    assert "lstm on sound is right on 80.0 % (" in best
    assert "significantly more than cnn with 60.0 % (" in best


def test_the_file_holds_the_verdict_and_then_its_warnings():
    sentences = ["Right on 98.1 %.", "Keeps all."]
    assert verdict.markdown(sentences, []) == "# Verdict\n\nRight on 98.1 %.\nKeeps all.\n"
    warning = StudyWarning("watched", 2, "sound", "cnn", "its test part was watched in training.")
    text = verdict.markdown(sentences, [warning])
    assert text.endswith(
        "\n\n## Warnings\n\n- subset 2: cnn on sound: its test part was watched in training.\n"
    )
    assert verdict.sentences_of(text) == verdict.sentences_of(verdict.markdown(sentences, [])) == sentences
