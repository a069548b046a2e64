"""Sound files to log-mel, decoding included: earshot against librosa, each in a pool of every core.

python -m benchmarks.log_mel [FILES]

Both sides get the same shares of the same made-up PCM16 WAV files, 1 to 10 s long, and their runs alternate. The pool
is that of a data stage on one side, and joblib's own on the other.
librosa transforms in float64, earshot in float32, which is off by 3e-4 dB at most in the quiet bands of recordings.
"""

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from natsort import natsorted
from numpy.typing import NDArray

from benchmarks.timing import Side, alternate_processes
from earshot.config.features import Features
from earshot.core.rng import generator
from earshot.reading.sounds import read_sound, write_wav
from earshot.signal.spectrogram import spectrogram
from earshot.store import cores

SETTINGS = Features()
CASES = [("no resampling", SETTINGS.sample_rate), ("44100 Hz, soxr HQ on both sides", 44100)]
REPEATS = 9
Convert = Callable[[str], Any]


def with_librosa(path: str) -> Any:
    import librosa

    signal, rate = librosa.load(path, sr=SETTINGS.sample_rate, res_type="soxr_hq")
    shape: dict[str, Any] = {
        "n_fft": SETTINGS.n_fft,
        "hop_length": SETTINGS.hop_length,
        "n_mels": SETTINGS.n_mels,
    }
    power = librosa.feature.melspectrogram(y=signal, sr=rate, **shape)
    return librosa.power_to_db(power, ref=np.max, top_db=SETTINGS.top_db)


def with_earshot(path: str) -> NDArray[np.float32]:
    signal, _ = read_sound(path, name=path, sample_rate=SETTINGS.sample_rate)
    return spectrogram(signal, settings=SETTINGS)


def convert_all(convert: Convert, paths: list[str]) -> None:
    for path in paths:
        convert(path)


def librosa_on_all_cores(folder: str) -> Callable[[], object]:
    pool, own = joblib.Parallel(n_jobs=joblib.cpu_count()), shares(folder)
    return lambda: pool(joblib.delayed(convert_all)(with_librosa, share) for share in own)


def earshot_on_all_cores(folder: str) -> Callable[[], object]:
    own = shares(folder)

    def convert() -> None:
        with cores.processes(len(own)) as mapper:
            list(mapper(partial(convert_all, with_earshot), own))

    return convert


def shares(folder: str) -> list[list[str]]:
    """The files of each core."""
    paths = [str(path) for path in natsorted(Path(folder).iterdir())]
    return [paths[start :: joblib.cpu_count()] for start in range(joblib.cpu_count())]


def write_sounds(folder: Path, *, files: int, sample_rate: int) -> list[str]:
    """Noise under a slow envelope, durations evenly spaced from 1 to 10 s, in an order that mixes them."""
    paths = []
    for number, duration_s in enumerate(generator(0, "order").permutation(np.linspace(1, 10, files))):
        samples = round(duration_s * sample_rate)
        envelope = np.sin(np.pi * np.arange(samples) / samples)
        noise = generator(0, "noise", number).standard_normal(samples)
        paths.append(folder / f"{number}.wav")
        paths[-1].write_bytes(write_wav(0.1 * envelope * noise, sample_rate))
    return [str(path) for path in paths]


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for title, sample_rate in CASES:
        with tempfile.TemporaryDirectory() as folder:
            paths = write_sounds(Path(folder), files=files, sample_rate=sample_rate)
            off = max(np.abs(with_librosa(path) - with_earshot(path)).max() for path in paths[:20])
            sides = (
                Side("benchmarks.log_mel", "librosa_on_all_cores", (folder,)),
                Side("benchmarks.log_mel", "earshot_on_all_cores", (folder,), as_stage=True),
            )
            theirs, ours = alternate_processes(sides, REPEATS)
        print(
            f"{title}: librosa {files / theirs:.0f} files/s, earshot {files / ours:.0f} files/s, ratio "
            f"{theirs / ours:.2f} ({files} files, {joblib.cpu_count()} processes, {off:.0e} dB apart at most)"
        )


if __name__ == "__main__":
    main()
