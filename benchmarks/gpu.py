"""Griffin-Lim and log-mel on a GPU: against all cores of the CPU, and against what the memory's bandwidth allows.

python -m benchmarks.gpu [repeats] [device]
"""

import sys
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.timing import alternate
from earshot.config.features import Features
from earshot.signal import torch_griffinlim
from earshot.signal import torch_spectrogram as batched_features
from earshot.signal.griffinlim import griffin_lim
from earshot.signal.spectrogram import spectrogram

ITEMS, BATCH = 2048, 8
ROWS = COLUMNS = 128
ITERATIONS = 32
TRANSFORM: dict[str, Any] = {"n_fft": 2 * ROWS, "hop_length": ROWS, "iterations": ITERATIONS, "momentum": 0.9}
FEATURES = Features(sample_rate=8000, n_fft=512, hop_length=128)
CORES = joblib.cpu_count()


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    device = sys.argv[2] if len(sys.argv) > 2 else "cuda"
    if device == "cuda" and not torch.cuda.is_available():
        sys.exit("torch finds no GPU here; `python -m benchmarks.gpu 1 cpu` shows that the code runs")
    rng = np.random.default_rng(42)
    shape = (ITEMS, ROWS + 1, COLUMNS)
    magnitude = rng.random(shape, dtype=np.float32)
    start = np.exp(2j * np.pi * rng.random(shape)).astype(np.complex64)
    sounds = rng.standard_normal((ITEMS, FEATURES.sample_rate)).astype(np.float32)
    pool = joblib.Parallel(n_jobs=CORES)
    parts = [slice(start, start + BATCH) for start in range(0, ITEMS, BATCH)]
    work = torch.zeros(2**27, device=device)  # 512 MB of float32

    def pictures_on_cores() -> None:
        one = joblib.delayed(griffin_lim)
        pool(one(magnitude[part], start=start[part], **TRANSFORM) for part in parts)

    def sounds_on_cores() -> None:
        pool(joblib.delayed(log_mels)(sounds[part]) for part in parts)

    def copy() -> None:
        work.copy_(work.flip(0))
        synchronize(device)

    methods = [
        lambda: torch_griffinlim.griffin_lim(magnitude, start=start, device=device, **TRANSFORM),
        pictures_on_cores,
        lambda: batched_features.spectrograms(
            sounds, items=range(len(sounds)), settings=FEATURES, device=device
        ),
        sounds_on_cores,
        copy,
    ]
    pictures, pictures_cpu, log_mel, log_mel_cpu, copied = alternate(methods, repeats)
    bandwidth = 4 * work.numel() * work.element_size() / copied  # flip and copy each read and write all of it
    # each iteration must at least read and write the spectra, their targets and the pieces between transforms
    moved = ITERATIONS * magnitude.size * (2 * 8 + 4 + 4 * 4)
    print(
        f"{ITEMS} pictures of {ROWS} × {COLUMNS} and sounds of 1 s, {device} against {CORES} cores, "
        f"median of {repeats}"
    )
    print(f"Griffin-Lim {ITEMS / pictures:9.0f} pictures a second, {pictures_cpu / pictures:.1f} × the cores")
    print(f"log-mel     {ITEMS / log_mel:9.0f} sounds a second, {log_mel_cpu / log_mel:.1f} × the cores")
    print(
        f"Griffin-Lim takes {pictures / (moved / bandwidth):.1f} × the time in which {moved / 1e9:.1f} GB move "
        f"at {bandwidth / 1e9:.0f} GB/s"
    )


def log_mels(sounds: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [spectrogram(sound, settings=FEATURES) for sound in sounds]


def synchronize(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
