"""The block `embedding` completed: what the model's file says is taken, what it leaves open is asked for by name."""

from collections.abc import Mapping

import numpy as np
from pydantic import ValidationError

from earshot.config.embedding import CompleteEmbedding, Embedding
from earshot.config.load import problem
from earshot.core.errors import EarshotError, list_problems
from earshot.embedding.embed import vectors
from earshot.embedding.model_file import Tensor, chosen, open_model

RATE_KEYS = ("sample_rate", "sampling_rate", "sample_rate_hz", "sr")  # under which files name it
SHORTEST = 128  # samples: an input of fewer takes no waveform


def resolved(block: Embedding, *, sha256: str) -> CompleteEmbedding:
    """The settings with no one left open.

    sha256 : of the model's file

    Raises EarshotError that names the setting which the file contradicts, or which it leaves open.
    """
    path = block.model
    assert path is not None
    model = open_model(path, sha256=sha256, output=block.output)
    takes = chosen(model.inputs, block.input, path=path, key="embedding.input")
    rate = _sample_rate(block, model.about, path)
    samples = _window(block, takes, rate, path)
    if block.hop_s is not None and round(block.hop_s * rate) > samples:
        raise EarshotError(
            f"embedding.hop_s: {block.hop_s:g} leaves gaps between windows of {samples / rate:g} s"
        )
    if block.hop_s is not None and round(block.hop_s * rate) < 1:
        raise EarshotError(f"embedding.hop_s: {block.hop_s:g} is less than a sample at {rate} Hz")
    try:
        return CompleteEmbedding(
            **block.model_dump(exclude={"sample_rate", "window_s", "hop_s", "input"}),
            sample_rate=rate,
            window_s=samples / rate,
            hop_s=samples / rate if block.hop_s is None else block.hop_s,
            input=takes.name,
        )
    except ValidationError as error:
        faults = [problem(fault, CompleteEmbedding, "embedding") for fault in error.errors()]
        raise list_problems(f"{path} says what cannot be used:", faults) from None


def try_out(settings: CompleteEmbedding, *, sha256: str) -> None:
    """Raise EarshotError for a model that gives no numbers, the same ones whatever it hears, or others each time.

    settings : as `resolved` gives them
    """
    samples = round(settings.sample_rate * settings.window_s)
    noise = np.random.default_rng(0).normal(0.0, 0.1, (2, samples)).astype(np.float32)
    first, second, again = (
        vectors(noise[one, np.newaxis], settings=settings, sha256=sha256, name="noise") for one in (0, 1, 0)
    )
    if not np.array_equal(first, again):
        raise EarshotError(
            f"embedding.model: {settings.model} gives other numbers when it hears the same sound again: it draws "
            "random numbers, as dropout does while a model trains. Export it after model.eval()"
        )
    if np.array_equal(first, second):
        raise EarshotError(
            f"embedding.model: {settings.model} gives the same numbers for two different sounds: it is broken, or "
            "embedding.output names a tensor that does not hang on the sound"
        )


def _sample_rate(block: Embedding, about: Mapping[str, str], path: str) -> int:
    text = next((about[key] for key in RATE_KEYS if key in about), None)
    try:
        of_file = None if text is None else round(float(text)) or None
    except (ValueError, OverflowError):  # no number, or an infinite one
        of_file = None
    if block.sample_rate is None and of_file is None:
        raise EarshotError(
            f"embedding.sample_rate: {path} does not say which it was trained at; set what its documentation names, "
            "in Hz (docs/pretrained.md lists some)"
        )
    if None not in (block.sample_rate, of_file) and block.sample_rate != of_file:
        raise EarshotError(
            f"embedding.sample_rate: {block.sample_rate} Hz, and {path} takes {of_file} Hz: set that, or null"
        )
    rate = block.sample_rate or of_file
    assert rate is not None
    return rate


def _window(block: Embedding, takes: Tensor, rate: int, path: str) -> int:
    """The samples of a window."""
    shape = takes.shape
    single = all(length in (1, None) for length in shape[:-1])
    if not 1 <= len(shape) <= 3 or not single or (shape[-1] or SHORTEST) < SHORTEST:
        raise EarshotError(
            f"embedding.model: {path} takes {takes}, which is no waveform: wanted is a model of (samples), "
            "(1, samples) or (1, 1, samples). One that takes spectrograms needs its front end exported with it"
        )
    fixed = shape[-1]
    wanted = None if block.window_s is None else round(block.window_s * rate)
    if fixed is None and wanted is None:
        raise EarshotError(
            f"embedding.window_s: {path} takes {takes}, sounds of any length; set the seconds that it hears at once"
        )
    if fixed is not None and wanted is not None and fixed != wanted:
        raise EarshotError(
            f"embedding.window_s: {block.window_s} s at {rate} Hz are {wanted} samples, and {path} takes {takes}: "
            f"set {fixed / rate:g}, or null; or the sample rate is another one"
        )
    samples = fixed or wanted
    assert samples is not None
    return samples
