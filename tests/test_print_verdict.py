"""What `make repro` prints at its end."""

from earshot.evaluation.verdict import markdown
from earshot.evaluation.warnings import StudyWarning
from scripts.print_verdict import lines

SENTENCES = ["On 60 test items of 3 classes, cnn on sound is right on 50.0 % (30.0 to 70.0)."]


def test_a_model_that_may_be_guessing_is_named_before_other_warnings():
    others = [
        StudyWarning("labels", None, "", "", f"{n} labels may be wrong. Look at them.") for n in range(4)
    ]
    text = "accuracy 50.0 % (30.0 to 70.0), which is not shown to be better than the 33.3 % of no skill."
    guessing = StudyWarning("guessing", 3, "sound", "cnn", text)
    assert lines(markdown(SENTENCES, [*others, guessing])) == [
        f"# Verdict\n\n{SENTENCES[0]}",
        "",
        "Warnings: 5, see metrics/verdict.md",
        f"- subset 3: cnn on sound: {text}",
        "- 0 labels may be wrong.",
        "- 1 labels may be wrong.",
    ]


def test_without_warnings_there_is_the_verdict_alone():
    assert lines(markdown(SENTENCES, [])) == [f"# Verdict\n\n{SENTENCES[0]}", "", "Warnings: 0"]
