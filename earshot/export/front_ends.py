"""What makes the arrays that a model sees, as torch modules that ONNX can hold.

Each does to a batch what `features.extract` does to a file that has been decoded: the same windows, transforms,
decibels and scales, within rounding. Decoding, resampling and the mean of the channels stay outside, in the program
that runs the file.

Conventions: in go float32 (batch, samples), (batch, rows, columns) or (batch, bands, frames); out come float32
(batch, clips, bands, frames); in colour (batch, 3, rows, columns) and (batch, clips, 3, rows, columns). Sizes that are
not settings may differ from call to call.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from earshot.config.features import Features
from earshot.config.inputs import EmbeddingInput, ModelInput, PicturesInput, SoundsInput
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.signal.clips import Pad
from earshot.signal.mel import dct_filters, mel_matrix
from earshot.signal.spectrogram import LOWEST_POWER, full_scale_power, samples_below, silence_db
from earshot.signal.windows import Window, window_weights
from earshot.sonification.sonify import frequency_scale_of, geometry


class Signature(NamedTuple):
    """What a front end takes.

    name : "sound", "picture" or "spectrogram"
    sizes : of the axes behind the batch; a word where it may be any
    """

    name: str
    sizes: tuple[int | str, ...]


class SoundFrontEnd(nn.Module):
    """Sounds to the spectrograms of their clips, as `signal.spectrogram`."""

    weights: Tensor
    bands: Tensor

    def __init__(self, settings: Features) -> None:
        super().__init__()
        self.settings = settings
        self.signature = Signature("sound", ("samples",))
        self.register_buffer("weights", _window("hann", settings.n_fft))
        if settings.kind != "stft":
            self.register_buffer("bands", torch.from_numpy(mel_matrix(settings)))
        if settings.kind == "mfcc":
            self.register_buffer("cosines", torch.from_numpy(dct_filters(settings.n_mels, settings.n_mfcc)))

    def forward(self, sounds: Tensor) -> Tensor:
        settings = self.settings
        clips = self.clips(sounds)  # (batch, clips, samples)
        power = self._power(clips)  # (batch, clips, bands, frames)
        of_item = power.amax(dim=(1, 2, 3), keepdim=True)
        power = fit_frames(power, frames=settings.frames, pad=settings.pad, silence=torch.zeros(()))
        loudest = power.amax(dim=(2, 3), keepdim=True)
        if settings.kind == "mfcc":
            decibels = _decibels(power, torch.ones(()))
            if settings.top_db is not None:
                decibels = decibels.maximum(decibels.amax(dim=(2, 3), keepdim=True) - settings.top_db)
            return self.get_buffer("cosines") @ decibels
        full_scale = torch.tensor(full_scale_power(settings))
        decibels = _decibels(
            power, {"clip": loudest, "item": of_item, "full_scale": full_scale}[settings.reference]
        )
        if settings.top_db is not None:
            decibels = decibels.clamp(min=-settings.top_db)
        return decibels.where(loudest > LOWEST_POWER, silence_db(settings))

    def clips(self, sounds: Tensor) -> Tensor:
        """As `signal.clips.cut`. (batch, samples) -> (batch, clips, samples)"""
        settings = self.settings
        if settings.clip_s is None:
            seen = settings.frames if settings.reference != "item" else None
            end = None if seen is None else samples_below(seen, settings)
            return sounds[:, :end].unsqueeze(1)
        return cut(
            sounds,
            rate=settings.sample_rate,
            clip_s=settings.clip_s,
            hop_s=settings.clip_hop_s,
            pad=settings.pad,
        )

    def _power(self, clips: Tensor) -> Tensor:
        """The power in bands of centred frames. (batch, clips, samples) -> (batch, clips, bands, frames)"""
        margin = self.settings.n_fft // 2
        flat = F.pad(clips.flatten(0, 1), (margin, margin))
        # in float64, as the rounding of float32 shows in quiet bins
        power = _stft(flat.double(), self.weights, self.settings.hop_length).float().square().sum(-1)
        if self.settings.kind != "stft":
            power = self.bands @ power
        return power.reshape(*clips.shape[:2], *power.shape[1:])


class SonifiedFrontEnd(nn.Module):
    """Sounds that were made of pictures, to the pictures that they give back, as `sonification.read_out`."""

    weights: Tensor
    to_rows: Tensor

    def __init__(self, settings: Sonify) -> None:
        super().__init__()
        self.settings, self.sizes = settings, geometry(settings)
        self.signature = Signature("sound", (self.sizes.samples,))
        scale = frequency_scale_of(settings)
        self.band = scale.band
        self.register_buffer("weights", _window(settings.window, self.sizes.n_fft).float())
        self.register_buffer("to_rows", torch.from_numpy(scale.to_rows.toarray()))

    def forward(self, sounds: Tensor) -> Tensor:
        settings = self.settings
        spectra = _stft(sounds, self.weights, self.sizes.hop_length)  # (batch, bins, frames, 2)
        magnitude = spectra.square().sum(-1).sqrt()[:, self.band]
        values = _divide_by_peak(magnitude)
        if settings.brightness == "decibels":
            floor = 10 ** (-settings.range_db / 20)
            values = (1 + values.clamp(min=floor).log() * (20 / math.log(10) / settings.range_db)).clamp(
                min=0
            )
        pictures = (self.to_rows @ values).clamp(0, 1)
        return (1 - pictures if settings.invert else pictures).unsqueeze(1)


class PictureFrontEnd(nn.Module):
    """Brightness, 0 to 1, row 0 at the top, to pictures of the model's size, as `sonification.scale_picture`.

    in_colour : takes red, green and blue, (3, rows, columns)
    """

    def __init__(self, settings: Sonify, *, in_colour: bool) -> None:
        super().__init__()
        self.settings, self.in_colour = settings, in_colour
        self.signature = Signature("picture", (*((3,) if in_colour else ()), "rows", "columns"))

    def forward(self, pictures: Tensor) -> Tensor:
        size = (self.settings.rows, self.settings.columns)
        planes = pictures if self.in_colour else pictures.unsqueeze(1)
        sized = F.interpolate(planes, size, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
        over = (-3, -2, -1)  # all colours share a brightest point
        if self.settings.invert:
            sized = 1 - sized
        scaled = _divide_by_peak(sized, over)
        if self.settings.invert:
            scaled = 1 - scaled
        return scaled.unsqueeze(1) if self.in_colour else scaled


class SpectrogramFrontEnd(nn.Module):
    """Ready spectrograms, cropped at their ends or filled up there, as `reading.read_array` does to a `.npy`."""

    def __init__(self, settings: Features, bands: int) -> None:
        super().__init__()
        self.settings = settings
        self.signature = Signature("spectrogram", (bands, "frames"))

    def forward(self, spectrograms: Tensor) -> Tensor:
        silence = spectrograms.amin(dim=(1, 2), keepdim=True)
        return fit_frames(
            spectrograms, frames=self.settings.frames, pad=self.settings.pad, silence=silence
        ).unsqueeze(1)


FrontEnd = SoundFrontEnd | SonifiedFrontEnd | PictureFrontEnd | SpectrogramFrontEnd


def front_end_of(model_input: ModelInput, *, bands: int) -> FrontEnd:
    """The front end of what a model reads, but for a pretrained model's, which `chained` makes.

    bands : of the model's arrays
    """
    assert not isinstance(model_input, EmbeddingInput)
    if isinstance(model_input, PicturesInput):
        if model_input.view == "sound":
            return SonifiedFrontEnd(model_input.sonify)
        return PictureFrontEnd(model_input.sonify, in_colour=model_input.view == "colour")
    if isinstance(model_input, SoundsInput):
        return SoundFrontEnd(model_input.features)
    if model_input.features.colour:
        raise EarshotError(
            "a model of drawn spectrograms in colour cannot be exported: it reads pictures, and the ONNX file takes "
            "arrays. Train one with features.colour: false, or use `earshot predict`"
        )
    return SpectrogramFrontEnd(model_input.features, bands)


def cut(sounds: Tensor, *, rate: int, clip_s: float, hop_s: float | None, pad: Pad) -> Tensor:
    """As `signal.clips.cut`. (batch, samples) -> (batch, clips, samples)"""
    length, hop = round(clip_s * rate), round((hop_s or clip_s) * rate)
    # What is left after the last full clip makes one more where it fills half of one: where the samples behind
    # the last full clip, of fewer than a hop, are so many.
    enough = max(1, hop - length // 2)
    samples = sounds.shape[1]
    # divided where it is not negative: ONNX rounds towards zero
    clips = torch.sym_max(0, samples - length - enough + hop) // hop + 1
    starts = torch.arange(clips, device=sounds.device)[:, None] * hop
    places = torch.arange(length, device=sounds.device)[None, :]
    if pad == "repeat":
        return sounds[:, starts + places % (samples - starts)]
    return F.pad(sounds, (0, length))[:, starts + places]


def fit_frames(array: Tensor, *, frames: int | None, pad: Pad, silence: Tensor) -> Tensor:
    """As `signal.clips.fit_frames`. (..., bands, frames)

    silence : the value that is silence, of a shape that broadcasts over the array
    """
    if frames is None:
        return array
    if pad == "repeat":
        present = torch.full((frames,), array.shape[-1], device=array.device)
        return array[..., torch.arange(frames, device=array.device) % present]
    filling = silence.expand(*array.shape[:-1], frames)
    return torch.cat([array, filling], dim=-1)[..., :frames]


def _stft(signals: Tensor, weights: Tensor, hop_length: int) -> Tensor:
    """The transform of frames that start at t × hop_length. (batch, samples) -> (batch, bins, frames, 2)"""
    spectra = torch.stft(signals, len(weights), hop_length, window=weights, center=False, return_complex=True)
    return torch.view_as_real(spectra)


def _window(window: Window, n_fft: int) -> Tensor:
    return torch.from_numpy(window_weights(window, n_fft))


def _decibels(power: Tensor, reference: Tensor) -> Tensor:
    """As `signal.spectrogram.to_decibels`."""
    return (10 / math.log(10)) * (
        power.clamp(min=LOWEST_POWER).log() - reference.clamp(min=LOWEST_POWER).log()
    )


def _divide_by_peak(values: Tensor, over: tuple[int, ...] = (-2, -1)) -> Tensor:
    """As `sonification.brightness` does: each item with its greatest value at 1, or as it is where that is 0.

    over : the axes of an item
    """
    peak = values.amax(dim=over, keepdim=True)
    return values / peak.where(peak > 0, 1.0)
