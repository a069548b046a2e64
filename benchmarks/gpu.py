"""What one GPU gives: Griffin-Lim and log-mel against all cores of the CPU, and training against the GPU's limits.

python -m benchmarks.gpu [repeats] [device] [file.json]

The limits are measured here: what a copy moves a second, and what a matrix product computes. Training counts the
operations of a step as torch's FlopCounterMode does, forward and backward. Writes all figures as JSON where a file is
named. At most five minutes on a data centre's GPU.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.timing import alternate
from earshot.config.features import Features
from earshot.config.train import Trainer
from earshot.core import devices
from earshot.models.build import build_model
from earshot.models.normalization import normalized
from earshot.signal import torch_griffinlim, torch_spectrogram
from earshot.signal.griffinlim import griffin_lim
from earshot.signal.spectrogram import spectrogram
from earshot.training import fit, frozen, state
from earshot.training.batches import Clips, clips_of
from earshot.training.optimize import Optimizer

ITEMS, BATCH = 2048, 8
ROWS = COLUMNS = 128
ITERATIONS = 32
TRANSFORM: dict[str, Any] = {"n_fft": 2 * ROWS, "hop_length": ROWS, "iterations": ITERATIONS, "momentum": 0.9}
FEATURES = Features(sample_rate=8000, n_fft=512, hop_length=128)
CORES = joblib.cpu_count()

CLASSES = 10
NETWORKS = {"resnet50": 128, "efficientnet_b0": 128}  # batch sizes
VARIANTS: list[dict[str, Any]] = [
    {"precision": "float32"},
    {"precision": "bf16", "channels_last": False},
    {"precision": "bf16"},
    {"precision": "bf16", "compile": True},
]


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    device = sys.argv[2] if len(sys.argv) > 2 else "cuda"
    if device == "cuda" and not torch.cuda.is_available():
        sys.exit("torch finds no GPU here; `python -m benchmarks.gpu 1 cpu` shows that the code runs")
    small = device == "cpu"
    figures: dict[str, Any] = {
        "device": torch.cuda.get_device_name() if not small else device,
        "cores": CORES,
    }
    figures["limits"] = limits(device, repeats, small=small)
    print(f"{figures['device']}: {figures['limits']}")
    figures["transforms"] = transforms(
        device, repeats, items=64 if small else ITEMS, limits=figures["limits"]
    )
    figures["training"] = [
        training(name, device, repeats, batch=2 if small else batch, limits=figures["limits"], **variant)
        for name, batch in NETWORKS.items()
        for variant in (VARIANTS[:1] if small else VARIANTS)
    ]
    figures["frozen"] = [
        frozen_backbone(name, device, repeats, batch=2 if small else batch)
        for name, batch in NETWORKS.items()
    ]
    if len(sys.argv) > 3:
        Path(sys.argv[3]).write_text(json.dumps(figures, indent=1) + "\n")


def limits(device: str, repeats: int, *, small: bool) -> dict[str, float]:
    """Bytes a second that a copy reads and writes, and operations a second of matrix products, in GB and TFLOP."""
    work = torch.rand(2**20 if small else 2**29, device=device)
    target = torch.empty_like(work)
    size = 256 if small else 8192
    whole = torch.rand(size, size, device=device)
    half = whole.bfloat16()

    def rounded_product() -> None:
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.mm(whole, whole)
        torch.backends.cuda.matmul.allow_tf32 = False

    times = alternate(
        [
            waited_for(lambda: target.copy_(work), device),
            waited_for(lambda: whole @ whole, device),
            waited_for(rounded_product, device),
            waited_for(lambda: half @ half, device),
        ],
        max(repeats, 5),
    )
    moved, operations = 2 * work.numel() * work.element_size(), 2 * size**3
    return {
        "copy_gb": rounded(moved / times[0] / 1e9),
        "float32_tflop": rounded(operations / times[1] / 1e12),
        "tf32_tflop": rounded(operations / times[2] / 1e12),
        "bf16_tflop": rounded(operations / times[3] / 1e12),
    }


def transforms(device: str, repeats: int, *, items: int, limits: dict[str, float]) -> dict[str, float]:
    """Pictures to sound and sounds to log-mel, from arrays in the CPU's memory and back into it."""
    rng = np.random.default_rng(42)
    shape = (items, ROWS + 1, COLUMNS)
    magnitude = rng.random(shape, dtype=np.float32)
    start = np.exp(2j * np.pi * rng.random(shape)).astype(np.complex64)
    sounds = rng.standard_normal((items, FEATURES.sample_rate)).astype(np.float32)
    pool = joblib.Parallel(n_jobs=CORES)
    parts = [slice(first, first + BATCH) for first in range(0, items, BATCH)]

    def pictures_on_cores() -> None:
        one = joblib.delayed(griffin_lim)
        pool(one(magnitude[part], start=start[part], **TRANSFORM) for part in parts)

    def sounds_on_cores() -> None:
        pool(joblib.delayed(log_mels)(sounds[part]) for part in parts)

    methods: list[Callable[[], object]] = [
        lambda: torch_griffinlim.griffin_lim(magnitude, start=start, device=device, **TRANSFORM),
        pictures_on_cores,
        lambda: torch_spectrogram.spectrograms(
            sounds, items=range(len(sounds)), settings=FEATURES, device=device
        ),
        sounds_on_cores,
    ]
    pictures, pictures_cpu, log_mel, log_mel_cpu = alternate(methods, repeats)
    # each iteration must at least read and write the spectra, their targets and the pieces between transforms
    moved = ITERATIONS * magnitude.size * (2 * 8 + 4 + 4 * 4)
    print(
        f"Griffin-Lim {items / pictures:9.0f} pictures of {ROWS} × {COLUMNS} a second, "
        f"{pictures_cpu / pictures:.1f} × {CORES} cores, {moved / pictures / 1e9 / limits['copy_gb']:.0%} of the "
        "memory's bandwidth"
    )
    print(
        f"log-mel     {items / log_mel:9.0f} sounds of 1 s a second, {log_mel_cpu / log_mel:.1f} × {CORES} cores"
    )
    return {
        "griffin_lim_pictures": rounded(items / pictures),
        "griffin_lim_times_cores": rounded(pictures_cpu / pictures),
        "griffin_lim_of_bandwidth": rounded(moved / pictures / 1e9 / limits["copy_gb"]),
        "log_mel_sounds": rounded(items / log_mel),
        "log_mel_times_cores": rounded(log_mel_cpu / log_mel),
    }


def log_mels(sounds: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [spectrogram(sound, settings=FEATURES) for sound in sounds]


def training(
    name: str,
    device: str,
    repeats: int,
    *,
    batch: int,
    limits: dict[str, float],
    precision: str = "float32",
    channels_last: bool | None = None,
    compile: bool = False,
) -> dict[str, Any]:
    """An epoch of a backbone at 224 × 224, as `train` runs it.

    channels_last : None leaves the order of memory to the trainer
    """
    clips = some_clips(16 * batch)
    model = normalized(
        build_model(name, input_shape=clips.shape, outputs=CLASSES, image_size=224), clips, how="train"
    )
    trainer = Trainer.model_validate(
        {
            "epochs": repeats + 1,
            "batch_size": batch,
            "device": device,
            "precision": precision,
            "compile": compile,
        }
    )
    place = devices.pick(device)
    seconds = []
    with devices.repeatable(place, threads=1, deterministic=False):
        run = state.start(model, {"train": clips}, n_classes=CLASSES, trainer=trainer, seed=0, device=place)
        if channels_last is False:
            run.model.to(memory_format=torch.contiguous_format)
            run.optimizer = Optimizer(run.model, trainer)  # its state lies as the weights do
        operations = operations_of_a_step(run, batch)
        for epoch in range(1, repeats + 2):  # the first one compiles and tries algorithms
            began = time.perf_counter()
            fit.train_one_epoch(run, epoch)
            synchronize(device)
            seconds.append(time.perf_counter() - began)
    speed = len(clips) / statistics.median(seconds[1:])
    # torch's convolutions round float32 to TF32 where the GPU has it
    peak = limits["tf32_tflop" if precision == "float32" else "bf16_tflop"]
    share = speed * operations / batch / 1e12 / peak
    order = "" if channels_last is None else ", channels first"
    print(
        f"{name} at 224 × 224, {precision}{order}{', compiled' if compile else ''}: {speed:,.0f} pictures a second, "
        f"{share:.0%} of a matrix product's rate, first epoch {seconds[0]:.1f} s"
    )
    return {
        "network": name,
        "precision": precision,
        "channels_last": channels_last is None and precision != "float32",
        "compiled": compile,
        "pictures": rounded(speed),
        "of_matrix_product": rounded(share),
        "first_epoch_s": rounded(seconds[0]),
    }


def operations_of_a_step(run: state.Run, batch: int) -> int:
    """Operations of one forward and backward pass over a batch."""
    index = np.arange(batch)
    labels = torch.from_numpy(run.parts["train"].labels[index]).to(run.device)
    counter = FlopCounterMode(display=False)
    with counter:
        torch.autograd.backward(F.cross_entropy(run.model(run.readers["train"](index)), labels))
    for parameter in run.model.parameters():
        parameter.grad = None
    return int(counter.get_total_flops())


def frozen_backbone(name: str, device: str, repeats: int, *, batch: int) -> dict[str, Any]:
    """What a frozen backbone gives of clips, once for all epochs."""
    clips = some_clips(16 * batch)
    network = build_model(name, input_shape=clips.shape, outputs=CLASSES, image_size=224, freeze="backbone")
    model = normalized(network, clips, how="train").to(device)
    place, all_clips = devices.pick(device), np.arange(len(clips))
    (seconds,) = alternate([lambda: list(frozen.compute(model, clips, all_clips, device=place))], repeats)
    print(f"{name} at 224 × 224, frozen: {len(clips) / seconds:,.0f} pictures a second")
    return {"network": name, "pictures": rounded(len(clips) / seconds)}


def some_clips(count: int) -> Clips:
    rng = np.random.default_rng(0)
    return clips_of(rng.random((count, ROWS, COLUMNS), dtype=np.float32), rng.integers(0, CLASSES, count))


def waited_for(function: Callable[[], object], device: str) -> Callable[[], object]:
    """The function, with the wait until the device has done what it asks for."""

    def whole() -> None:
        function()
        synchronize(device)

    return whole


def synchronize(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def rounded(value: float) -> float:
    return float(f"{value:.3g}")


if __name__ == "__main__":
    main()
