"""Pictures sonified per second: against librosa.griffinlim, the bare FFTs, and the notebooks' way.

python -m benchmarks.sonify [repeats]
"""

import io
import sys
from collections.abc import Callable
from typing import Any

import joblib
import librosa
import matplotlib.pyplot as plt
import numpy as np
import scipy.fft
from numpy.typing import NDArray
from skimage.transform import resize

from benchmarks.timing import alternate
from earshot.config.sonify import Sonify
from earshot.signal.griffinlim import griffin_lim
from earshot.signal.stft import stft
from earshot.sonification.fidelity import fidelity, match_gain, pearson, spectral_convergence
from earshot.sonification.sonify import magnitude_of_pictures, sonify
from tests.sonification.photographs import squares

ITERATIONS = 32
SETTINGS = Sonify(rows=128, columns=128, iterations=ITERATIONS)
TRANSFORM: dict[str, Any] = {"n_fft": 256, "hop_length": 128}
BATCH = 8
CORES = joblib.cpu_count()


def ours(magnitude: NDArray[np.float32], start: NDArray[np.complex64]) -> NDArray[np.float32]:
    return griffin_lim(magnitude, **TRANSFORM, iterations=ITERATIONS, momentum=0.9, start=start)


def ours_whole(pictures: NDArray[np.float32], ids: list[str]) -> NDArray[np.float32]:
    return sonify(pictures, ids=ids, seed=42, settings=SETTINGS)


def librosas(magnitude: NDArray[np.float32]) -> NDArray[np.float32]:
    return librosa.griffinlim(magnitude, **TRANSFORM, n_iter=ITERATIONS, momentum=0.9, random_state=42)


def bare_ffts(magnitude: NDArray[np.float32]) -> None:
    """The transforms alone: an inverse and a forward one each iteration, and the last inverse."""
    for one in magnitude:
        spectrum = np.ascontiguousarray(one.T).astype(np.complex64)  # (frames, bins)
        for _ in range(ITERATIONS):
            spectrum = scipy.fft.rfft(scipy.fft.irfft(spectrum, overwrite_x=True), overwrite_x=True)
        scipy.fft.irfft(spectrum, overwrite_x=True)


def notebooks(picture: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """513 × 128 at n_fft 1024, linear, then the spectrogram drawn by matplotlib. Returns what it was and is."""
    magnitude = resize(picture, (513, 128), anti_aliasing=True)[::-1].astype(np.float32)
    signal = librosa.griffinlim(magnitude, n_iter=ITERATIONS, hop_length=512, n_fft=1024, momentum=0.99)
    estimate = np.abs(librosa.stft(signal, n_fft=1024, hop_length=512))
    figure, axes = plt.subplots()
    librosa.display.specshow(librosa.amplitude_to_db(estimate, ref=np.max), ax=axes)
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)
    return magnitude, estimate


def batches(array: Any) -> list[Any]:
    return [array[start : start + BATCH] for start in range(0, len(array), BATCH)]


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    plt.switch_backend("Agg")
    pictures = squares()
    pictures = np.concatenate([pictures, pictures[:, ::-1], pictures[:, :, ::-1]])[:64]
    ids = [str(i) for i in range(len(pictures))]
    magnitude = magnitude_of_pictures(pictures, settings=SETTINGS)
    start = np.exp(2j * np.pi * np.random.default_rng(42).random(magnitude.shape)).astype(np.complex64)
    few = pictures[:30:4]  # from both photographs
    pool = joblib.Parallel(n_jobs=CORES)  # loky: one thread of linear algebra a worker

    def on_all_cores(function: Callable[..., Any], *arrays: Any) -> Callable[[], Any]:
        return lambda: pool(joblib.delayed(function)(*parts) for parts in zip(*arrays, strict=True))

    methods = {
        "griffin_lim": on_all_cores(ours, batches(magnitude), batches(start)),
        "sonify": on_all_cores(ours_whole, batches(pictures), batches(ids)),
        "librosa": on_all_cores(librosas, magnitude),
        "ffts": on_all_cores(bare_ffts, batches(magnitude)),
        "notebooks": on_all_cores(notebooks, few),
    }
    seconds = dict(zip(methods, alternate(list(methods.values()), repeats), strict=True))
    # milliseconds a picture and core
    each = {
        name: CORES * 1000 * taken / (len(few) if name == "notebooks" else len(pictures))
        for name, taken in seconds.items()
    }

    def convergence(signals: NDArray[np.float32]) -> float:
        estimate = np.abs(stft(signals, **TRANSFORM))
        return float(np.mean(spectral_convergence(match_gain(estimate, magnitude), magnitude)))

    reached = {
        "griffin_lim": convergence(ours(magnitude, start)),
        "librosa": convergence(np.stack([librosas(one) for one in magnitude])),
    }
    correlation = np.median(fidelity(ours_whole(few, ids[:30:4]), few, settings=SETTINGS)["pearson"])
    theirs = np.median([pearson(estimate, target) for target, estimate in map(notebooks, few)])

    print(
        f"{len(pictures)} pictures of 128 × 128, {ITERATIONS} iterations, {CORES} workers, median of {repeats}"
    )
    print(
        f"griffin_lim        {each['griffin_lim']:7.2f} ms a picture and core, {reached['griffin_lim']:.2f} dB"
    )
    print(f"librosa.griffinlim {each['librosa']:7.2f} ms a picture and core, {reached['librosa']:.2f} dB")
    print(f"sonify, all of it  {each['sonify']:7.2f} ms a picture and core, r {correlation:.4f}")
    print(f"the FFTs alone     {each['ffts']:7.2f} ms a picture and core")
    print(f"the notebooks' way {each['notebooks']:7.2f} ms a picture and core, r {theirs:.4f}")
    for name in ("griffin_lim", "sonify"):
        print(
            f"{name}: {each['librosa'] / each[name]:.1f} × librosa.griffinlim (target 3.5), "
            f"{each[name] / each['ffts']:.2f} × the FFTs' time (target 1.6), "
            f"{each['notebooks'] / each[name]:.0f} × the notebooks' way (target 25)"
        )


if __name__ == "__main__":
    main()
