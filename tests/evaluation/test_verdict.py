"""The verdict says what the numbers do, and how a difference was tested."""

import re

from earshot.evaluation import verdict
from earshot.evaluation.warnings import StudyWarning
from tests.evaluation.studies import right_at, study


def sentences(answered):
    results, _, summary, pairs = study(answered)
    return verdict.verdict(results, summary, pairs)


def test_verdict_says_what_the_numbers_do():
    best, kept, control = sentences(
        {
            ("sound", "cnn"): right_at(0.8),
            ("sound", "lstm"): right_at(0.6),
            ("picture", "cnn"): right_at(0.9),
            ("shuffled", "cnn"): right_at(0.52),
        }
    )
    assert best.startswith("On 200 test items of 2 classes, cnn on sound is right on 80.0 % (")
    assert "next comes lstm with 60.0 % (" in best
    assert "a difference that is significant (+" in best
    assert best.endswith("McNemar's exact test p < 0.001 after Holm's correction).")
    assert kept.startswith("As sound the pictures keep 75.0 % (")
    assert control.startswith("Trained on shuffled labels, cnn is right on 52.0 %")
    assert control.endswith("no better than chance, as it should be.")


def test_verdict_without_a_ceiling_or_a_control_says_so():
    best, spread, control = sentences({("sound", "cnn"): right_at(0.8), ("sound", "lstm"): right_at(0.8)})
    assert (
        "a difference that is not significant (+0.0 to +0.0 points, McNemar's exact test p = 1 after" in best
    )
    assert "macro F1 is 80.0 %" in spread
    assert "not ruled out" in control


def test_verdict_without_the_same_model_on_both_measures_nothing_kept():
    _, kept, _ = sentences({("sound", "cnn"): right_at(0.8), ("picture", "lstm"): right_at(0.8)})
    assert "not measured" in kept


def test_verdict_names_a_leak():
    assert (
        "above chance" in sentences({("sound", "cnn"): right_at(0.8), ("shuffled", "cnn"): right_at(0.7)})[2]
    )


def test_the_interval_counts_for_the_better_model_whatever_the_order_of_the_pair():
    best, *_ = sentences({("sound", "cnn"): right_at(0.6), ("sound", "lstm"): right_at(0.8)})
    low, high = re.search(r"significant \((\S+) to (\S+) points", best).groups()
    assert 0 < float(low) < 20 < float(high)


def test_the_file_holds_the_verdict_and_then_its_warnings():
    sentences = ["Right on 98.1 %.", "Keeps all."]
    assert verdict.markdown(sentences, []) == "# Verdict\n\nRight on 98.1 %.\nKeeps all.\n"
    warning = StudyWarning("watched", 2, "sound", "cnn", "its test part was watched in training.")
    text = verdict.markdown(sentences, [warning])
    assert text.endswith(
        "\n\n## Warnings\n\n- subset 2: cnn on sound: its test part was watched in training.\n"
    )
    assert verdict.sentences_of(text) == verdict.sentences_of(verdict.markdown(sentences, [])) == sentences
