"""The front ends of exported files against what the pipeline makes of the same sounds."""

import itertools

import numpy as np
import pytest
import torch

from earshot.config.features import Features
from earshot.config.sonify import Sonify
from earshot.export.front_ends import PictureFrontEnd, SonifiedFrontEnd, SoundFrontEnd
from earshot.signal.clips import cut
from earshot.signal.spectrogram import spectrograms
from earshot.sonification.sonify import geometry, read_out, scale_picture

CLIPS = [{}, {"clip_s": 0.1}, {"clip_s": 0.1, "clip_hop_s": 0.05}, {"clip_s": 0.1001, "clip_hop_s": 0.033}]
KINDS = [("log_mel", "clip"), ("log_mel", "item"), ("stft", "full_scale"), ("mfcc", "clip")]


def settings(**changes):
    known = {"sample_rate": 8000, "n_fft": 128, "hop_length": 64, "n_mels": 8, "n_mfcc": 5, "frames": 15}
    return Features(**known | changes)


@pytest.mark.parametrize("pad", ["silence", "repeat"])
@pytest.mark.parametrize("clips", CLIPS[1:], ids=str)
def test_a_sound_of_any_length_is_cut_as_the_pipeline_cuts_it(clips, pad):
    front_end = SoundFrontEnd(settings(pad=pad, **clips))
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 2500).astype(np.float32)
    for samples in [1, 799, 800, 801, 1199, 1200, 1201, 1599, 1600, 1601, 1999, 2000, *range(5, 2500, 83)]:
        expected, _ = cut(sound[:samples], sample_rate=8000, pad=pad, **clips)
        np.testing.assert_array_equal(front_end.clips(torch.from_numpy(sound[None, :samples]))[0], expected)


@pytest.mark.parametrize(("kind", "reference"), KINDS)
@pytest.mark.parametrize("pad", ["silence", "repeat"])
def test_a_sound_gives_the_pipelines_spectrograms(kind, reference, pad):
    rng = np.random.default_rng(0)
    for clips, (n_fft, top_db) in itertools.product(CLIPS[::2], [(128, 80.0), (127, None)]):
        own = settings(kind=kind, reference=reference, pad=pad, top_db=top_db, n_fft=n_fft, **clips)
        for samples in (5, 1201, 5000):
            sound = rng.uniform(-0.5, 0.5, samples).astype(np.float32)
            sound[: samples // 3] = 0  # a clip may be silent
            of_clips, _ = cut(sound, sample_rate=8000, clip_s=own.clip_s, clip_hop_s=own.clip_hop_s, pad=pad)
            expected = spectrograms(of_clips, settings=own)
            found = SoundFrontEnd(own)(torch.from_numpy(sound)[None])[0]
            np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize(
    "changes", [{}, {"invert": True, "brightness": "linear"}, {"frequency_scale": "mel"}], ids=str
)
def test_a_pictures_sound_gives_the_picture_that_the_pipeline_reads(changes):
    own = Sonify(rows=12, columns=9, **changes)
    sounds = np.random.default_rng(0).normal(size=(3, geometry(own).samples)).astype(np.float32)
    sounds[1] = 0
    found = SonifiedFrontEnd(own)(torch.from_numpy(sounds))[:, 0]
    np.testing.assert_allclose(found, read_out(sounds, settings=own), atol=1e-5)


@pytest.mark.parametrize("invert", [False, True])
def test_a_colour_picture_keeps_its_colours(invert):
    own = Sonify(rows=12, columns=9, invert=invert)
    pictures = np.random.default_rng(0).uniform(0.2, 0.7, (2, 3, 12, 9)).astype(np.float32)
    found = PictureFrontEnd(own, in_colour=True)(torch.from_numpy(pictures))[:, 0]
    expected = scale_picture(pictures.reshape(2, 36, 9), settings=own).reshape(pictures.shape)
    np.testing.assert_allclose(found, expected, atol=1e-6)
