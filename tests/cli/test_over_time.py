"""The predict command over time: rows, events, tables that other programs and Earshot itself read, and resuming."""

import csv
import json

import numpy as np
import pytest
import soundfile

from earshot.cli import over_time, over_time_tables
from earshot.dataset.labels import from_tables
from earshot.dataset.segment_tables import program_of
from tests.detection.tones import CLASSES, RATE, save_model, write_recording
from tests.study import command

HOP_S = 0.2
EVENTS = [(3.0, 4.5, "high"), (10.31, 11.0, "low"), (11.0, 13.17, "high"), (70.0, 80.9, "low")]


@pytest.fixture
def study(in_folder):
    """A model of tones in `model`, and the recordings `in/a.wav` with EVENTS and `in/sub/b.wav` with nothing."""
    save_model(in_folder / "model")
    write_recording(in_folder / "in/a.wav", EVENTS, lasts_s=100)
    write_recording(in_folder / "in/sub/b.wav", [], lasts_s=5.03)
    return in_folder


def predict(*arguments, ok=True):
    return command("predict", "model", *arguments, cwd=".", ok=ok)


def are_near(rows, events):
    """Whether rows (start_s, end_s, label) are the events, each time within a hop."""
    assert [label for *_, label in rows] == [label for *_, label in events]
    times = [[float(row[0]), float(row[1])] for row in rows]
    np.testing.assert_allclose(times, [event[:2] for event in events], atol=HOP_S)
    return True


def test_known_events_are_found_within_a_hop(study):
    rows = json.loads(
        predict("in", "--hop", str(HOP_S), "--threshold", "0.5", "--format", "json").partition("\n]")[0] + "]"
    )
    found = [(row["start_s"], row["end_s"], row["label"]) for row in rows]
    assert are_near(found, EVENTS)


@pytest.mark.parametrize(
    ("program", "table"), [("raven", "{}.Table.1.selections.txt"), ("audacity", "{}.txt")]
)
def test_tables_of_other_programs_are_read_back_as_labels(study, program, table):
    output = predict("in", "--hop", str(HOP_S), "--out", "in", "--format", program)
    assert "2 recording(s), 0.03 hours" in output
    assert "events: high 2, low 2\n" in output
    items = from_tables("in", "*.txt", kind="sounds")
    rows = [(item["start_s"], item["end_s"], item["label"]) for item in items if item["path"] == "in/a.wav"]
    assert are_near(rows, EVENTS)
    assert program_of(study / "in" / table.format("a")).lower() == program


def test_a_selection_table_has_the_columns_of_raven_also_where_nothing_is_heard(study):
    predict("in/sub/b.wav", "--out", "out", "--format", "raven")
    header, *rows = (study / "out/b.Table.1.selections.txt").read_text().splitlines()
    assert header.split("\t")[:7] == [
        *("Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "High Freq (Hz)")
    ]
    assert rows == []
    predict("in/sub/b.wav", "--out", "out", "--format", "audacity")
    assert (study / "out/b.txt").read_text() == ""


def test_one_selection_table_of_all_counts_from_each_files_start(study):
    write_recording(study / "in/sub/b.wav", [(1.0, 2.0, "low")], lasts_s=5.03)
    predict(
        *("in", "--hop", str(HOP_S), "--format", "raven"),
        *("--out", "in", "--tables", "all"),
    )
    items = from_tables("in", "predictions.Table.1.selections.txt", kind="sounds")
    rows = [(item["start_s"], item["end_s"], item["label"]) for item in items]
    assert are_near(rows, [*EVENTS, (1.0, 2.0, "low")])
    last = (study / "in/predictions.Table.1.selections.txt").read_text().splitlines()[-1].split("\t")
    assert float(last[3]) == pytest.approx(
        100 + rows[-1][0]
    )  # behind the first recording, as Raven opens them


def test_windows_have_every_classs_score_or_the_likeliest_ones(study):
    predict("in", "--out", "out", "--per-clip")
    rows = read(study / "out/predictions.csv")
    assert len(rows) == 250 + 13  # 0.4 s each; of the last one 0.03 s less than half is there
    assert list(rows[0]) == ["path", "start_s", "end_s", "label", "probability", *CLASSES]
    assert all(float(row[row["label"]]) == float(row["probability"]) for row in rows)
    predict("in", "--out", "out", "--top", "2")
    rows = read(study / "out/predictions.csv")
    assert len(rows) == 2 * (250 + 13)
    assert list(rows[0]) == ["path", "start_s", "end_s", "label", "probability"]
    assert all(
        float(best["probability"]) >= float(next_best["probability"])
        for best, next_best in zip(rows[::2], rows[1::2], strict=True)
    )


def test_a_recording_that_is_through_is_not_scored_again(study, monkeypatch):
    scored, scores_of = [], over_time.scores_of

    def listen(models, card, file, **settings):
        scored.append(file)
        if file == "in/sub/b.wav" and len(scored) == 2:
            raise KeyboardInterrupt
        return scores_of(models, card, file, **settings)

    monkeypatch.setattr(over_time, "scores_of", listen)
    events = ("in", "--hop", str(HOP_S), "--out", "out", "--format", "audacity")
    with pytest.raises(AssertionError, match="ended with 130"):
        predict(*events)
    assert "1 had their scores already" in predict(*events)
    assert scored == ["in/a.wav", "in/sub/b.wav", "in/sub/b.wav"]
    tables = [(study / "out" / name).read_bytes() for name in ("a.txt", "sub/b.txt")]
    predict(*events, "--threshold", "0.9")  # which asks the model nothing
    assert len(scored) == 3
    predict(*events[:-4], "--out", "fresh", "--format", "audacity")
    assert [(study / "fresh" / name).read_bytes() for name in ("a.txt", "sub/b.txt")] == tables
    write_recording(study / "in/a.wav", EVENTS[:1], lasts_s=20)
    predict(*events)
    assert scored[-1] == "in/a.wav"
    assert len(scored) == 6


def test_a_table_that_was_corrected_by_hand_is_not_written_over(study):
    events = ("in", "--out", "out", "--format", "audacity")
    predict(*events)
    predict(*events)
    corrected = "3.0\t4.5\thigh\n"
    (study / "out/a.txt").write_text(corrected)
    output = predict(*events, ok=False)
    assert "edited since" in output
    assert "out/a.txt" in output
    assert (study / "out/a.txt").read_text() == corrected


def test_long_recordings_are_answered_over_time_unless_told_otherwise(study):
    output = predict("in")
    assert "in/a.wav lasts 100 s, and the model hears 0.4 s at once: a row a window" in output
    assert output.count("\nin/") == 250 + 13
    assert predict("in", "--no-per-clip").count("\nin/") == 2
    assert predict("in/sub").count("\nin/") == 1


def test_a_bad_recording_has_its_reason_and_the_rest_goes_on(study):
    (study / "in/bad.wav").write_text("no sound")
    output = predict("in", "--per-clip", ok=False)
    assert output.count("\nin/") == 1 + 250 + 13
    assert 'in/bad.wav,,,,,,,,"in/bad.wav: cannot be decoded as sound' in output
    assert "1 of 3 files could not be read to their end" in output
    assert "warning: in/bad.wav: cannot be decoded" in predict("in", "--out", "out", ok=False)
    assert len(read(study / "out/predictions.csv")) == 250 + 13


def test_a_recording_that_is_not_there_does_not_end_the_batch(study):
    (study / "in/away.wav").symlink_to("nowhere")
    output = predict("in", "--out", "out", "--format", "audacity", ok=False)
    assert "warning: in/away.wav: a link to nowhere, which is not there. Fetch it" in output
    assert "1 of 3 files could not be read to their end" in output
    assert (study / "out/sub/b.txt").exists()


def test_of_a_damaged_recording_what_is_before_counts_and_is_scored_once(study, monkeypatch):
    scored, scores_of = [], over_time.scores_of
    monkeypatch.setattr(
        over_time, "scores_of", lambda *given, **kept: scored.append(given[2]) or scores_of(*given, **kept)
    )
    signal, _ = soundfile.read(study / "in/a.wav", dtype="float32")
    signal[90 * RATE] = np.nan
    soundfile.write(study / "in/a.wav", signal, RATE, subtype="FLOAT")
    ask = ("in/a.wav", "--hop", str(HOP_S), "--threshold", "0.5")
    *events, problem = list(csv.DictReader(predict(*ask, ok=False).splitlines()[:5]))
    assert are_near([(row["start_s"], row["end_s"], row["label"]) for row in events], EVENTS[:3])
    assert "the first at 90.000 s" in problem["problem"]
    for _ in range(2):
        assert "the first at 90.000 s" in predict(*ask, "--out", "out", ok=False)
        assert [row["label"] for row in read(study / "out/predictions.csv")] == ["high", "low", "high"]
    assert scored == ["in/a.wav"] * 2


def test_a_recorder_may_go_on_while_its_recording_is_scored(study, monkeypatch):
    scores_of = over_time.scores_of

    def listen(*given, **settings):
        yield from scores_of(*given, **settings)
        write_recording(study / "in/a.wav", EVENTS, lasts_s=101)

    monkeypatch.setattr(over_time, "scores_of", listen)
    predict("in/a.wav", "--out", "out", "--per-clip")
    assert len(read(study / "out/predictions.csv")) == 250


def test_a_table_that_is_edited_while_others_are_scored_stays(study, monkeypatch):
    events, scores_of = ("in", "--out", "out", "--format", "audacity"), over_time.scores_of
    predict(*events)
    write_recording(study / "in/a.wav", EVENTS[:1], lasts_s=20)
    write_recording(study / "in/sub/b.wav", EVENTS[:1], lasts_s=20)

    def listen(models, card, file, **settings):
        (study / "out/a.txt").write_text("1.0\t2.0\tlow\n")
        return scores_of(models, card, file, **settings)

    monkeypatch.setattr(over_time, "scores_of", listen)
    output = predict(*events, ok=False)
    assert "edited since" in output
    assert "out/a.txt" in output
    assert (study / "out/a.txt").read_text() == "1.0\t2.0\tlow\n"
    assert (study / "out/sub/b.txt").read_text().count("high") == 1


def test_scores_that_cannot_be_written_end_the_command(study):
    (study / "out").mkdir()
    (study / "out/.scores").write_text("no folder")
    output = predict("in", "--out", "out", ok=False)
    assert output.count("could not be written") == 1
    assert "files could not be read" not in output


def test_a_selection_table_of_all_needs_no_header_that_tells_how_long_a_recording_is(study, monkeypatch):
    write_recording(study / "in/sub/b.wav", [(1.0, 2.0, "low")], lasts_s=5.03)
    write_recording(study / "in/a.wav", [], lasts_s=20.1)
    monkeypatch.setattr(over_time_tables, "header_duration_s", lambda source, name: 0.0)
    predict("in", "--hop", str(HOP_S), "--format", "raven", "--out", "out", "--tables", "all")
    (row,) = csv.DictReader(
        (study / "out/predictions.Table.1.selections.txt").open(newline=""), delimiter="\t"
    )
    assert float(row["Begin Time (s)"]) == pytest.approx(20.1 + float(row["File Offset (s)"]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "raven"), "--format raven is for tables in a folder: name it, --out FOLDER"),
        (("--tables", "all"), "--tables all is for tables in a folder"),
        (("--format", "audacity", "--out", "out", "--tables", "all"), "names no recording"),
        (
            ("--no-per-clip", "--hop", "0.1"),
            "--hop is for predictions over time, which --no-per-clip turns off",
        ),
        (("--top", "4"), "--top 4: expected 1 to 3"),
        (("--merge-gap", "-1"), "--merge-gap -1: expected seconds, 0 or more"),
        (("in/a.wav", "--out", "out", "--tables", "each"), "a.csv: in/a.flac, in/a.wav"),
    ],
)
def test_what_cannot_be_asked_is_an_error(study, arguments, message):
    (study / "in/a.flac").write_bytes(b"")
    assert message in predict("in", *arguments, ok=False)


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
