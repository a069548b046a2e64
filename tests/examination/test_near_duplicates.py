"""Copies of sounds are found whatever was done to them, and nothing else is."""

import io

import joblib
import numpy as np
import pandas as pd
import pytest
import soundfile
import soxr
from scipy.signal import lfilter

from earshot.core import paths
from earshot.core.io import read_table
from earshot.examination.measure import hearing_of, measure
from earshot.examination.near_duplicates import alike_sounds, table_of, waveform_correlation
from stages import balance, describe, examine, index, split
from tests.study import set_params, write_params

RATE = 8000


def voice(rng, samples=6000):
    """Noise through two resonances that change in the middle: as varied as speech, no two alike."""
    halves = []
    for _ in range(2):
        noise = rng.standard_normal(samples // 2) * np.hanning(samples // 2)
        for hz in rng.uniform(300, 3000, 2):
            noise = lfilter([1], [1, -2 * 0.95 * np.cos(2 * np.pi * hz / RATE), 0.95**2], noise)
        halves.append(noise)
    sound = np.concatenate(halves)
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def encoded(signal, **form):
    buffer = io.BytesIO()
    soundfile.write(buffer, signal, RATE, **form)
    return buffer.getvalue()


def silence(seconds):
    return np.zeros(round(seconds * RATE), np.float32)


COPIES = {
    "ogg": lambda sound, rng: encoded(sound, format="OGG", subtype="VORBIS"),
    "quieter": lambda sound, rng: encoded(0.3 * sound, format="FLAC"),
    "padded": lambda sound, rng: encoded(np.concatenate([silence(0.21), sound, silence(0.4)]), format="WAV"),
    "trimmed": lambda sound, rng: encoded(sound[500:-500], format="WAV"),
    "resampled": lambda sound, rng: encoded(
        soxr.resample(soxr.resample(sound, RATE, 11025), 11025, RATE), format="WAV"
    ),
    "noisy": lambda sound, rng: encoded(
        sound + 0.1 * sound.std() * rng.standard_normal(len(sound)), format="WAV"
    ),
}


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """A folder with 40 sounds and one copy of each kind: the table of items, and the pairs that are copies."""
    folder, rng = tmp_path_factory.mktemp("sounds"), np.random.default_rng(0)
    originals = [voice(rng, samples=int(rng.integers(4000, 8000))) for _ in range(40)]
    files = {f"{n:02}": encoded(sound, format="WAV") for n, sound in enumerate(originals)}
    files |= {name: make(originals[n], rng) for n, (name, make) in enumerate(COPIES.items())}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    items = pd.DataFrame(
        {
            "id": list(files),
            "path": [str(folder / name) for name in files],
            "sample_rate": RATE,
            "duration_s": 0.75,
        }
    )
    hearing = hearing_of(items, sample_rate=16000, channel="mix")
    shapes = measure(items, kind="sounds", hearing=hearing).shapes
    pairs = table_of(items["id"], alike_sounds(items, shapes, hearing=hearing))
    return list(zip(pairs["first"], pairs["second"], strict=True))


@pytest.mark.parametrize(("place", "copy"), list(enumerate(COPIES)))
def test_a_copy_of_a_sound_is_found(sounds, place, copy):
    assert (f"{place:02}", copy) in sounds


def test_no_two_different_sounds_are_taken_for_copies(sounds):
    assert len(sounds) == len(COPIES)


def test_the_correlation_of_waveforms_is_that_of_numpy():
    rng = np.random.default_rng(0)
    first = rng.standard_normal(500).astype(np.float32)
    second = np.concatenate([rng.standard_normal(40), -2 * first + rng.standard_normal(500)]).astype(
        np.float32
    )
    expected = abs(np.dot(first, second[40:])) / np.linalg.norm(first) / np.linalg.norm(second[40:])
    found = waveform_correlation(first, second, lag=37, slack=5, most=1000)
    assert found == pytest.approx(expected, rel=1e-5)


def test_sounds_that_nowhere_overlap_are_not_alike():
    ones = np.ones(10, np.float32)
    assert waveform_correlation(ones, ones, lag=20, slack=2, most=100) == 0


@pytest.mark.slow
def test_near_duplicates_across_parts_are_warned_of_and_grouped_where_that_is_set(in_folder):
    """Ten recordings of two classes stand in the data set twice, once as quieter FLAC, whose bytes repeat: by them the
    parts are dealt.
    """
    rng = np.random.default_rng(0)
    for label in "ab":
        (in_folder / "sounds" / label).mkdir(parents=True)
        for number in range(16):
            sound = voice(rng, samples=4000)
            (in_folder / "sounds" / label / f"{number:02}.wav").write_bytes(encoded(sound, format="WAV"))
            if number < 5:
                copy = COPIES["quieter"](sound, rng)
                (in_folder / "sounds" / label / f"again {number}.flac").write_bytes(copy)
    write_params(in_folder, **{"subsets": [2], "dataset.kind": "sounds", "dataset.path": "sounds"})
    crossing = {}
    with joblib.parallel_config("sequential"):
        for setting in ("keep", "group"):
            set_params(in_folder, **{"dataset.duplicates": setting})
            for stage in (index, describe, balance, split, examine):
                stage.main()
            crossing[setting] = len(read_table(paths.EXAMINED / "near_duplicates.csv"))
            checks = read_table(paths.CHECKS).set_index("kind")
            assert checks["found"]["copies"] == ("yes" if setting == "keep" else "no")
    assert len(read_table(paths.NEAR_DUPLICATES)) == 10
    assert crossing["keep"] > 0
    assert crossing["group"] == 0
