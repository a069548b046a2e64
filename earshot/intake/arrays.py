"""The settings of the blocks `sonify` and `features` that fit what was found, by kind."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from earshot.config.base import Kind
from earshot.core.errors import EarshotError
from earshot.features.lengths import MUCH_MARGIN, common_margins
from earshot.intake.guess import Guess
from earshot.intake.survey import Survey
from earshot.signal.stft import frame_count

WINDOW_S = 0.064  # the most that a window of the transform holds
LONG_S = 10.0  # what lasts longer is cut into clips
CLIP_S = 3.0
SHARES = (1.0, 0.99, 0.95)  # of the items that an array holds whole: fewer where the others are much longer
MUCH = 1.5
LEAST_FRAMES = 16
SIDES = (32, 64, 128)  # of the array that a picture becomes
MOST_BANDS, MOST_FRAMES = 128, 512  # that drawn spectrograms are resized to


def array_guesses(survey: Survey) -> list[Guess]:
    """The settings that make arrays of one shape out of all items."""
    return GUESSES[survey.dataset.kind](survey)


def _of_sounds(survey: Survey) -> list[Guess]:
    opened = survey.opened
    durations = np.sort(opened["duration_s"].to_numpy(dtype=float))
    rates = opened["sample_rate"].astype(int).value_counts()
    rate = int(rates.index.min())
    n_fft = 2 ** int(math.log2(rate * WINDOW_S))
    hop_length = n_fft // 4
    same = (
        f"all recordings have {rate} Hz"
        if len(rates) == 1
        else f"the lowest of {', '.join(f'{key} Hz ({count})' for key, count in rates.sort_index().items())}: what is "
        "above it in some recordings alone would give them away"
    )
    guesses = [Guess("features.sample_rate", rate, same)]
    lasting = f"the recordings last {durations[0]:.3g} to {durations[-1]:.3g} s"
    covered = _covering(durations)
    if covered > LONG_S:
        shortest = durations[math.floor(0.05 * len(durations))]
        clip_s = round(min(CLIP_S, max(1.0, float(shortest))), 1)
        reason = f"{lasting}: each is cut into clips of {clip_s:g} s, and scored by their mean"
        guesses += [Guess("features.clip_s", clip_s, reason), Guess("features.frames", None)]
    else:
        frames = [_frames(duration, rate, n_fft, hop_length) for duration in (durations[0], covered)]
        while frames[1] < LEAST_FRAMES and hop_length > 16:
            hop_length //= 2
            frames = [_frames(duration, rate, n_fft, hop_length) for duration in (durations[0], covered)]
        whole = (durations <= covered).mean()
        reason = f"{lasting}: {frames[1]} frames are {covered:.3g} s and hold {whole:.0%} of them whole"
        guesses += [Guess("features.clip_s", None), Guess("features.frames", frames[1], reason)]
    return [
        *guesses,
        Guess("features.clip_hop_s", None),
        Guess("features.n_fft", n_fft),
        Guess("features.hop_length", hop_length),
    ]


def _frames(duration_s: float, sample_rate: int, n_fft: int, hop_length: int) -> int:
    samples = max(1, math.ceil(round(duration_s * sample_rate, 6)))
    return frame_count(samples, n_fft=n_fft, hop_length=hop_length)


def _covering(lengths: np.ndarray) -> float:
    """The length that holds all, or nearly all where the rest is much longer.

    lengths : sorted
    """
    choices = [float(lengths[math.ceil(share * len(lengths)) - 1]) for share in SHARES]
    covered = choices[0]
    for choice in choices[1:]:
        if covered > MUCH * choice:
            covered = choice
    return covered


def _of_spectrograms(survey: Survey) -> list[Guess]:
    opened = survey.opened
    drawn = ~opened["path"].str.lower().str.endswith(".npy")
    heights, widths = opened["height"].to_numpy(dtype=int), opened["width"].to_numpy(dtype=int)
    if drawn.all():
        margins, guesses = common_margins(opened), [Guess("features.margin", None)]
        if (outside := margins.share) > MUCH_MARGIN:
            reason = f"{outside:.0%} of each is paper, ticks or titles around the plot"
            guesses = [Guess("features.margin", "auto", reason)]
            heights = heights * (1 - margins.top - margins.bottom)
            widths = widths * (1 - margins.left - margins.right)
        height, width = round(np.median(heights)), round(np.median(widths))
        scale = min(1.0, MOST_BANDS / height, MOST_FRAMES / width)
        bands, frames = max(2, round(height * scale)), max(2, round(width * scale))
        reason = f"drawn {width} wide and {height} high (the median); each is resized to this"
        sizes = [Guess("features.bands", bands, reason), Guess("features.frames", frames)]
        return [*guesses, *sizes, *_no_clips()]
    if len(shapes := sorted(set(heights))) > 1:
        raise EarshotError(
            f"the spectrograms have {shapes[0]} to {shapes[-1]} bands, and one number is wanted: "
            f"{opened['path'][heights == shapes[0]].iloc[0]} has {shapes[0]}, "
            f"{opened['path'][heights == shapes[-1]].iloc[0]} {shapes[-1]}"
        )
    frames, same = int(_covering(np.sort(widths))), len(set(widths)) == 1
    reason = f"bands × frames are {shapes[0]} × " + (
        f"{frames}" if same else f"{widths.min()} to {widths.max()}"
    )
    if not same:
        reason += f": {frames} frames hold {(widths <= frames).mean():.0%} of them whole"
    guess = Guess("features.frames", None if same else frames, reason)
    return [guess, Guess("features.bands", None), *_no_clips()]


def _no_clips() -> list[Guess]:
    return [Guess("features.clip_s", None), Guess("features.clip_hop_s", None)]


def _of_pictures(survey: Survey) -> list[Guess]:
    height, width = (int(survey.opened[side].median()) for side in ("height", "width"))
    rows, columns = (
        next((side for side in SIDES if side >= 0.6 * size), SIDES[-1]) for size in (height, width)
    )
    guesses = [
        Guess("sonify.rows", rows, f"the pictures are {width} wide and {height} high (the median)"),
        Guess("sonify.columns", columns),
    ]
    if survey.dark_on_light:
        guesses.append(
            Guess("sonify.invert", True, "the pictures are light at their edges and in most places")
        )
    else:
        guesses.append(Guess("sonify.invert", False))
    if rows != SIDES[0]:
        guesses += [Guess("sonify.n_fft", None), Guess("sonify.hop_length", None)]
    return guesses


GUESSES: Mapping[Kind, Callable[[Survey], list[Guess]]] = {
    "sounds": _of_sounds,
    "spectrograms": _of_spectrograms,
    "pictures": _of_pictures,
}
