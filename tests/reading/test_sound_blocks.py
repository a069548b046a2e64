"""A sound in blocks is the sound at once."""

import math

import numpy as np
import pytest

from earshot.core.errors import EarshotError
from earshot.reading import decoding, sound_blocks
from earshot.reading.sounds import read_sound
from tests.reading.test_sounds import encoded

NOISE = np.random.default_rng(0).uniform(-0.9, 0.9, (30_011, 2)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 5512, 16000])
@pytest.mark.parametrize(("kind", "rounding"), [("WAV", 0), ("FLAC", 0), ("MP3", 1e-6)])
def test_blocks_joined_are_the_sound(in_folder, monkeypatch, kind, rounding, rate):
    name = f"a.{kind.lower()}"
    (in_folder / name).write_bytes(encoded(NOISE, kind=kind))
    whole, _ = read_sound(name, name=name, sample_rate=rate)
    monkeypatch.setattr(sound_blocks, "BLOCK_VALUES", 7000)
    blocks = list(sound_blocks.sound_blocks(name, name=name, sample_rate=rate))
    assert len(blocks) > 3
    np.testing.assert_allclose(np.concatenate(blocks), whole, atol=rounding)


def test_a_sound_in_blocks_may_be_longer_than_memory_holds(in_folder, monkeypatch):
    (in_folder / "a.wav").write_bytes(encoded(NOISE))
    monkeypatch.setattr(decoding, "MOST_SAMPLES", 1000)
    blocks = sound_blocks.sound_blocks("a.wav", name="a.wav", sample_rate=8000)
    assert sum(map(len, blocks)) == len(NOISE)


def test_what_is_damaged_is_named_behind_the_sound_before_it(in_folder):
    samples = NOISE.copy()
    samples[20_000] = math.nan
    (in_folder / "a.wav").write_bytes(encoded(samples, subtype="FLOAT"))
    with pytest.raises(EarshotError, match=r"^a\.wav: 1 samples are NaN, .* at 2\.500 s"):
        list(sound_blocks.sound_blocks("a.wav", name="a.wav", sample_rate=8000))


def test_the_length_is_what_the_header_says(in_folder):
    (in_folder / "a.wav").write_bytes(encoded(NOISE))
    (in_folder / "b.wav").write_text("no sound")
    assert sound_blocks.header_duration_s("a.wav", name="a") == len(NOISE) / 8000
    assert sound_blocks.header_duration_s("b.wav", name="b") == 0
    assert sound_blocks.header_duration_s("c.m4a", name="c") == 0


def test_a_file_is_asked_for_its_length_once_until_it_changes(in_folder, monkeypatch):
    opened, open_sound = [], sound_blocks.open_sound
    monkeypatch.setattr(
        sound_blocks, "open_sound", lambda source, name: opened.append(source) or open_sound(source, name)
    )
    for samples in (NOISE, NOISE[:8000]):
        (in_folder / "a.mp3").write_bytes(encoded(samples, kind="MP3"))
        for _ in range(2):
            lasts_s = sound_blocks.header_duration_s("a.mp3", name="a.mp3")
            assert lasts_s == pytest.approx(len(samples) / 8000, abs=0.2)
    assert len(opened) == 2
