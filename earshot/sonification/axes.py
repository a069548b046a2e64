"""Where the rows and columns of what a picture's sound gives back lie, in hertz and seconds."""

from earshot.config.sonify import Sonify
from earshot.signal.axes import Axes
from earshot.sonification.sonify import frequency_scale_of, geometry


def of_sonified(settings: Sonify) -> Axes:
    """The axes of what a sonified picture's sound gives back, its top row the highest frequency."""
    sizes = geometry(settings)
    return Axes(
        "frequency (Hz)",
        "time (s)",
        top_first=True,
        rows_hz=frequency_scale_of(settings).frequencies_hz,
        first_s=sizes.n_fft / 2 / settings.sample_rate,  # a column's frame starts at its hop, not around it
        column_s=sizes.hop_length / settings.sample_rate,
    )
