"""One file to what a model sees: every kind, the same for an item of a data set and for a raw file."""

import numpy as np
import pytest
from PIL import Image

from earshot.config.features import Features
from earshot.config.inputs import dump_input, input_of
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.features.extract import arrays_of
from earshot.reading.sounds import write_wav
from earshot.signal.spectrogram import spectrogram
from earshot.sonification.pictures import sized_picture, wavs_of_pictures
from earshot.sonification.sonify import scale_picture

SONIFY = Sonify(rows=16, columns=12, iterations=4)


def settings(kind, view="sound", **features):
    block = Features(**{"sample_rate": 8000, "n_fft": 256, "hop_length": 64, "n_mels": 8} | features)
    return input_of(kind, view, sonify=SONIFY, features=block)


@pytest.fixture
def picture(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def noise(samples):
    return 0.1 * np.random.default_rng(0).standard_normal(samples)


def test_a_picture_gives_what_its_stored_sound_gives(picture):
    (wav,) = wavs_of_pictures(
        sized_picture(picture, name="a", settings=SONIFY)[np.newaxis], ["a"], seed=3, settings=SONIFY
    )
    raw, starts = arrays_of(picture, name="a", model_input=settings("pictures"), seed=3)
    assert raw.shape == (1, 16, 12)
    assert starts.tolist() == [0]
    np.testing.assert_array_equal(raw, arrays_of(wav, name="a", model_input=settings("pictures"))[0])


def test_the_view_picture_is_the_picture_at_that_size(picture):
    clips, _ = arrays_of(picture, name="a", model_input=settings("pictures", "picture"))
    sized = sized_picture(picture, name="a", settings=SONIFY)
    np.testing.assert_array_equal(clips[0], scale_picture(sized, settings=SONIFY))


def test_a_grey_picture_in_colour_is_three_times_the_view_picture(picture):
    grey, _ = arrays_of(picture, name="a", model_input=settings("pictures", "picture"))
    colours, _ = arrays_of(picture, name="a", model_input=settings("pictures", "colour"))
    np.testing.assert_array_equal(colours, np.stack([grey] * 3, axis=1))


def test_all_colours_share_a_brightest_point(tmp_path):
    Image.new("RGB", (12, 16), (0, 51, 102)).save(tmp_path / "a.png")
    clips, _ = arrays_of(tmp_path / "a.png", name="a", model_input=settings("pictures", "colour"))
    np.testing.assert_allclose(clips[0].mean(axis=(1, 2)), [0, 0.5, 1], atol=1e-6)


@pytest.mark.parametrize("view", ["sound", "picture"])
def test_white_is_what_the_settings_say(tmp_path, view):
    pixels = np.random.default_rng(0).integers(0, 4096, (16, 12))
    Image.fromarray(pixels.astype(np.uint16)).save(tmp_path / "a.png")
    Image.fromarray((pixels << 4).astype(np.uint16)).save(tmp_path / "b.png")
    asked = input_of(
        "pictures", view, sonify=SONIFY.model_copy(update={"white": 4096.0}), features=Features()
    )
    twelve, _ = arrays_of(tmp_path / "a.png", name="a", model_input=asked)
    sixteen, _ = arrays_of(tmp_path / "b.png", name="a", model_input=settings("pictures", view))
    np.testing.assert_allclose(twelve, sixteen, atol=2e-3)
    assert dump_input(asked)["sonify"]["white"] == 4096
    assert "white" not in dump_input(settings("pictures", view))["sonify"]


@pytest.mark.parametrize(
    ("view", "samples", "message"),
    [("picture", 100, "a.wav: a sound"), ("sound", 100, "a.wav: 100 samples at 8000 Hz")],
)
def test_a_sound_that_no_picture_made_is_refused(tmp_path, view, samples, message):
    (tmp_path / "a.wav").write_bytes(write_wav(noise(samples), 8000))
    with pytest.raises(EarshotError, match=message):
        arrays_of(tmp_path / "a.wav", name="a.wav", model_input=settings("pictures", view))


def test_a_sound_is_cut_into_clips_each_featurized_alone():
    wav = write_wav(noise(2000), 8000)
    clips, starts = arrays_of(wav, name="a", model_input=settings("sounds", clip_s=0.1, clip_hop_s=0.05))
    assert starts.tolist() == pytest.approx([0.0, 0.05, 0.1, 0.15])
    signal = np.round(noise(2000) * 32768).astype(np.float32) / 32768
    expected = spectrogram(
        signal[400:1200], settings=Features(sample_rate=8000, n_fft=256, hop_length=64, n_mels=8)
    )
    np.testing.assert_array_equal(clips[1], expected)


@pytest.mark.parametrize(("pad", "filled"), [("silence", False), ("repeat", True)])
def test_a_sound_of_one_sample_is_padded(pad, filled):
    clips, _ = arrays_of(
        write_wav([0.5], 8000), name="a", model_input=settings("sounds", frames=5, clip_s=0.1, pad=pad)
    )
    assert clips.shape == (1, 8, 5)
    assert np.isfinite(clips).all()
    assert (clips[0, :, -1].max() > clips.min()) == filled


def test_a_part_of_a_sound_is_what_the_part_alone_gives():
    part, starts = arrays_of(
        write_wav(noise(2000), 8000), name="a", model_input=settings("sounds"), start_s=0.1, end_s=0.2
    )
    alone, _ = arrays_of(write_wav(noise(2000)[800:1600], 8000), name="a", model_input=settings("sounds"))
    np.testing.assert_array_equal(part, alone)
    assert starts.tolist() == [0]


@pytest.mark.parametrize("frames", [3, 9])
def test_a_spectrogram_is_cropped_or_padded(tmp_path, frames):
    array = np.arange(12, dtype=np.float32).reshape(2, 6)
    np.save(tmp_path / "a.npy", array)
    clips, _ = arrays_of(tmp_path / "a.npy", name="a", model_input=settings("spectrograms", frames=frames))
    kept = min(frames, 6)
    assert clips.shape == (1, 2, frames)
    np.testing.assert_array_equal(clips[0, :, :kept], array[:, :kept])
    assert (clips[0, :, kept:] == 0).all()


def test_a_drawn_spectrogram_is_resized_whole(picture):
    clips, _ = arrays_of(picture, name="a", model_input=settings("spectrograms", bands=10, frames=15))
    assert clips.shape == (1, 10, 15)
