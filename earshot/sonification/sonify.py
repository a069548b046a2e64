"""Pictures as sound, and the pictures that a sound gives back."""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earshot.config.sonify import Sonify
from earshot.core import rng
from earshot.core.errors import EarshotError
from earshot.signal.griffinlim import griffin_lim
from earshot.signal.peak import normalize_peak
from earshot.signal.stft import Transform, magnitude_of, stft
from earshot.sonification.brightness import from_magnitude, relative, to_magnitude
from earshot.sonification.frequency_scale import FrequencyScale, place_rows
from earshot.sonification.match_peak import match_peak

PHASES = 4096  # so many, evenly spaced, may Griffin-Lim start from: a table needs no cosine at each place


class Geometry(NamedTuple):
    """The sizes that follow from the settings. Column t of a picture is the frame that starts at t × hop_length."""

    n_fft: int
    hop_length: int
    bins: int
    frames: int
    samples: int
    duration_s: float
    transform: Transform  # the arguments of `stft` and `griffin_lim`


def geometry(settings: Sonify) -> Geometry:
    """The geometry of the sounds that the settings make.

    Without n_fft there is one bin per row, n_fft = 2 × rows; without hop_length, hop_length = n_fft / 2.
    """
    n_fft = settings.n_fft or 2 * settings.rows
    hop_length = settings.hop_length or n_fft // 2
    if hop_length > n_fft:
        raise EarshotError(
            f"sonify.hop_length = {hop_length}: must be at most n_fft = {n_fft}, or samples between frames are lost"
        )
    samples = n_fft + hop_length * (settings.columns - 1)
    return Geometry(
        n_fft,
        hop_length,
        bins=n_fft // 2 + 1,
        frames=settings.columns,
        samples=samples,
        duration_s=samples / settings.sample_rate,
        transform={"n_fft": n_fft, "hop_length": hop_length, "window": settings.window},
    )


def frequency_scale_of(settings: Sonify) -> FrequencyScale:
    """Where the settings place a picture's rows among the bins."""
    return place_rows(
        rows=settings.rows,
        n_fft=geometry(settings).n_fft,
        sample_rate=settings.sample_rate,
        scale=settings.frequency_scale,
        fmin=settings.fmin,
        fmax=settings.fmax,
    )


def sonify(pictures: ArrayLike, *, ids: Sequence[str], seed: int, settings: Sonify) -> NDArray[np.float32]:
    """Pictures as sounds whose spectrograms they are.

    pictures : array, shape (items, rows, columns), 0 to 1, row 0 at the top
    ids : one for each item; with the seed it alone decides the phase that an item starts from
    settings : on a GPU, Griffin-Lim gives the CPU's sounds within 1e-4

    Returns shape (items, samples), each with its peak at 1; an item in which nothing sounds is silent.
    An item's sound does not depend on the others. Raises EarshotError on pictures of another size or range.
    """
    pictures = _checked_pictures(pictures, ids, settings)
    sizes = geometry(settings)
    band = frequency_scale_of(settings).band
    # The outer columns are repeated beyond the picture's edges, so that its own frames are all whole.
    margin = -(-sizes.n_fft // (2 * sizes.hop_length))
    start = margin * sizes.hop_length - sizes.n_fft // 2
    targets = magnitude_of_pictures(pictures, settings=settings)  # (items, bins, frames)
    signals = np.zeros((len(pictures), sizes.samples), np.float32)
    sounding = np.flatnonzero(targets.any(axis=(1, 2))).tolist()
    if not len(sounding):
        return signals
    wide = np.pad(targets[sounding], ((0, 0), (0, 0), (margin, margin)), mode="edge")
    phases = [
        rng.generator(seed, "phase", ids[item]).integers(PHASES, size=wide.shape[1:], dtype=np.uint16)
        for item in sounding
    ]
    phasors = _phasors()[np.stack(phases)]
    rough = _griffin_lim(wide, start=phasors, settings=settings)[:, start : start + sizes.samples]
    for item, signal in zip(sounding, rough, strict=True):
        signals[item] = normalize_peak(match_peak(signal, target=targets[item], band=band, **sizes.transform))
    return signals


def read_out(signals: ArrayLike, *, settings: Sonify) -> NDArray[np.float32]:
    """The pictures that sounds give back, through the transform that made them and the inverse of the mapping.

    signals : array, shape (items, samples), on any scale

    Returns shape (items, rows, columns), 0 to 1, comparable with `scale_picture`.
    """
    scale = frequency_scale_of(settings)
    magnitudes = magnitude_of_signals(signals, settings=settings)
    pictures = np.empty((len(magnitudes), settings.rows, settings.columns), np.float32)
    for magnitude, picture in zip(magnitudes, pictures, strict=True):
        values = from_magnitude(
            magnitude[scale.band], brightness=settings.brightness, range_db=settings.range_db
        )
        picture[:] = np.clip(scale.to_rows @ values, 0, 1)
    return 1 - pictures if settings.invert else pictures


def scale_picture(pictures: ArrayLike, *, settings: Sonify) -> NDArray[np.float32]:
    """Pictures on the scale of `read_out`: relative to their brightest point (with invert, to their darkest).

    pictures : array, shape (..., rows, columns), 0 to 1

    A sound keeps no absolute level, and neither may what it is compared with.
    """
    sounding = relative(pictures, invert=settings.invert)
    return 1 - sounding if settings.invert else sounding


def magnitude_of_pictures(pictures: ArrayLike, *, settings: Sonify) -> NDArray[np.float32]:
    """The linear magnitude spectrograms that pictures ask for.

    pictures : array, shape (items, rows, columns), 0 to 1

    Returns shape (items, bins, frames), full brightness at 1, bins outside the band at 0.
    """
    scale = frequency_scale_of(settings)
    sounding = relative(pictures, invert=settings.invert)
    magnitude = np.zeros((len(sounding), geometry(settings).bins, settings.columns), np.float32)
    for picture, bins in zip(sounding, magnitude, strict=True):
        values = np.clip(scale.to_bins @ picture, 0, 1)  # (bins of the band, frames)
        bins[scale.band] = to_magnitude(values, brightness=settings.brightness, range_db=settings.range_db)
    return magnitude


def magnitude_of_signals(signals: ArrayLike, *, settings: Sonify) -> NDArray[np.float32]:
    """The linear magnitude spectrograms of sounds, with the transform that made them.

    signals : array, shape (items, samples)

    Returns shape (items, bins, frames), on the scale of the signals.
    """
    sizes = geometry(settings)
    signals = np.asarray(signals, dtype=np.float32)
    if signals.shape[-1] != sizes.samples:
        raise EarshotError(
            f"signals: {signals.shape[-1]} samples, the sonify settings make {sizes.samples}; read a sound with the "
            "settings that made it"
        )
    if settings.device == "cpu":
        return magnitude_of(stft(signals, **sizes.transform, center=False))
    from earshot.signal.torch_stft import stft_magnitude  # imports torch, for 2 s

    return stft_magnitude(signals, **sizes.transform, device=settings.device)


@functools.cache
def _phasors() -> NDArray[np.complex64]:
    """The phases that Griffin-Lim may start from, as complex numbers. (PHASES,)"""
    radians = 2 * np.pi * np.arange(PHASES) / PHASES
    return (np.cos(radians) + 1j * np.sin(radians)).astype(np.complex64)


def _griffin_lim(
    magnitude: NDArray[np.float32], *, start: NDArray[np.complex64], settings: Sonify
) -> NDArray[np.float32]:
    """Griffin-Lim as the settings ask for it. (items, bins, frames) -> (items, samples)"""
    transform = geometry(settings).transform
    iterations, momentum = settings.iterations, settings.momentum
    if settings.device == "cpu":
        return griffin_lim(magnitude, **transform, iterations=iterations, momentum=momentum, start=start)
    from earshot.signal import torch_griffinlim  # imports torch, for 2 s

    return torch_griffinlim.griffin_lim(
        magnitude,
        **transform,
        iterations=iterations,
        momentum=momentum,
        start=start,
        device=settings.device,
    )


def _checked_pictures(pictures: ArrayLike, ids: Sequence[str], settings: Sonify) -> NDArray[np.float32]:
    pictures = np.asarray(pictures, dtype=np.float32)
    expected = (len(ids), settings.rows, settings.columns)
    if pictures.shape != expected:
        raise EarshotError(
            f"pictures: shape {pictures.shape}, expected {expected} (ids, sonify.rows, sonify.columns)"
        )
    for picture, name in zip(pictures, ids, strict=True):
        if not (np.isfinite(picture).all() and picture.min() >= 0 and picture.max() <= 1):
            raise EarshotError(
                f"picture {name}: values from {picture.min():g} to {picture.max():g}, expected 0 to 1"
            )
    return pictures
