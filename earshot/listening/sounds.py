"""What people hear of an item: what the models of the view `sound` get, as a WAV."""

import math
from collections.abc import Mapping
from typing import Any

from earshot.config.inputs import ModelInput, PicturesInput, SoundsInput
from earshot.core import paths
from earshot.reading.members import bytes_of, source_of
from earshot.reading.sounds import read_sound, write_wav

MOST_S = 10.0  # of a recording: a page of longer ones could not be sent


def heard_s(row: Mapping[str, Any], model_input: SoundsInput) -> float:
    """How many seconds of a recording its models see.

    row : of data/balanced.csv
    """
    features = model_input.features
    duration_s = float(row["duration_s"])
    if features.clip_s is not None or features.frames is None:
        return duration_s
    return min(duration_s, features.frames * features.hop_length / features.sample_rate)


def is_shortened(row: Mapping[str, Any], model_input: ModelInput) -> bool:
    """Whether people hear less of an item than the models do."""
    return isinstance(model_input, SoundsInput) and heard_s(row, model_input) > MOST_S


def wav_of(row: Mapping[str, Any], model_input: ModelInput) -> bytes:
    """An item's sound, at the models' sample rate.

    row : of data/balanced.csv
    """
    if isinstance(model_input, PicturesInput):
        return bytes_of(paths.shard_file(paths.AUDIO, int(row["shard"]), "tar") / f"{row['id']}.wav")
    if not isinstance(model_input, SoundsInput):
        raise ValueError("ready spectrograms have no sound")
    start_s, end_s = (_number(row.get(key)) for key in ("start_s", "end_s"))
    seconds = min(heard_s(row, model_input), MOST_S)
    if seconds < row["duration_s"]:
        end_s = (start_s or 0.0) + seconds
    signal, rate = read_sound(
        source_of(row["path"]),
        name=row["id"],
        sample_rate=model_input.features.sample_rate,
        start_s=start_s,
        end_s=end_s,
        channel=model_input.features.channel,
    )
    return write_wav(signal, rate)


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
