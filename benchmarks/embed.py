"""Sounds through a pretrained model: what it costs against its bare runtime in a loop, and after 1 % more of them.

    python -m benchmarks.embed [CLIPS [MODEL RATE FOLDER]]

Without MODEL: 10,000 made-up WAV files of a second, and an ONNX model of convolutions that takes some milliseconds for
one. With it: an ONNX or TFLite file of one input and one output, what it hears at in Hz, and a folder of recordings, of
which CLIPS are heard, each no longer than a window.

First both sides, each on one thread: what `featurize` does for a file, and a loop that decodes, resamples where it
must, fills up and runs the model. They take turns, block by block of the same files. Then, with the made-up sounds, the
stage as DVC runs it: from scratch, and once more when 1 % of them has come.
Seconds are given as they passed, and as the processors worked, which says more on a busy machine.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import soundfile
import soxr
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from benchmarks.incremental import processors
from earshot.config.embedding import Embedding
from earshot.config.features import Features
from earshot.config.inputs import EmbeddingInput
from earshot.core.rng import generator
from earshot.embedding.model_file import sha256_of
from earshot.embedding.settings import resolved
from earshot.features.extract import arrays_of
from earshot.reading.sounds import write_wav
from tests.study import clone, run, set_params

BLOCK = 50  # files
RATE = 16_000  # of the made-up sounds, a second each
LAYERS = [(1, 64, 400, 160), (64, 256, 3, 1), *[(256, 256, 3, 1)] * 10]  # inputs, outputs, kernel, stride
MODEL = "weights/ears.onnx"
STAGE = "featurize@embedding"
STUDY = {
    "dataset.path": "sounds",
    "dataset.samples": [],
    "dataset.kind": "sounds",
    "balance.method": "none",
    "views": ["embedding"],
    "models": ["linear"],
    "zoo.linear": {},
    "embedding.model": MODEL,
}


def write_model(path: Path) -> None:
    """Twelve convolutions over the waveform and their mean over time, of random weights."""
    rng, last = generator(0), "channel"
    nodes = [helper.make_node("Unsqueeze", ["waveform", "axis"], [last])]
    weights = [numpy_helper.from_array(np.array([axis]), name) for axis, name in ((1, "axis"), (2, "time"))]
    for number, (inputs, outputs, kernel, stride) in enumerate(LAYERS):
        scale = (2 / (inputs * kernel)) ** 0.5
        weight = rng.normal(0, scale, (outputs, inputs, kernel)).astype(np.float32)
        weights.append(numpy_helper.from_array(weight, f"weight_{number}"))
        nodes.append(
            helper.make_node("Conv", [last, f"weight_{number}"], [f"conv_{number}"], strides=[stride])
        )
        nodes.append(helper.make_node("Relu", [f"conv_{number}"], [last := f"relu_{number}"]))
    nodes.append(helper.make_node("ReduceMean", [last, "time"], ["embedding"], keepdims=0))
    graph = helper.make_graph(
        nodes,
        "ears",
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", RATE])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", LAYERS[-1][1]])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {"sample_rate": str(RATE)})
    onnx.save(model, path)


def write_sounds(folder: Path, numbers: Iterable[int]) -> None:
    """Noise, each sound by its number, in ten class folders."""
    for number in numbers:
        path = folder / str(number % 10) / f"{number:06d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write_wav(generator(0, str(number)).uniform(-0.5, 0.5, RATE), RATE))


def bare(path: str) -> Callable[[NDArray[np.float32]], Any]:
    """The model in its own runtime, on one thread: from a batch of one window to what it gives."""
    if path.endswith(".onnx"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        return lambda window: session.run(None, {name: window})[0]
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path, num_threads=1)
    interpreter.allocate_tensors()
    (takes,), (gives,) = interpreter.get_input_details(), interpreter.get_output_details()

    def ask(window: NDArray[np.float32]) -> Any:
        interpreter.set_tensor(takes["index"], window)
        interpreter.invoke()
        return interpreter.get_tensor(gives["index"])

    return ask


def compared(paths: Sequence[str], model: str, rate: int) -> NDArray[np.float64]:
    """Seconds an item, passed and worked: (2, 2) of Earshot and of the bare loop."""
    sha256 = sha256_of(model)
    settings = resolved(Embedding(model=model, sample_rate=rate), sha256=sha256)
    heard = EmbeddingInput(embedding=settings, sha256=sha256, runtime="", features=Features())
    ask, samples = bare(model), round(settings.window_s * rate)

    def with_earshot(path: str) -> Any:
        arrays, _ = arrays_of(path, name=path, model_input=heard)
        return arrays[0, :, 0]

    def with_runtime(path: str) -> Any:
        signal, own = soundfile.read(path, dtype="float32")
        if own != rate:
            signal = soxr.resample(signal, own, rate)
        return ask(np.pad(signal, (0, samples - len(signal)))[np.newaxis])[0]

    sides = [with_earshot, with_runtime]
    for path in paths[:BLOCK]:  # both are warm before anything is timed
        np.testing.assert_allclose(with_earshot(path), with_runtime(path), rtol=1e-3, atol=1e-3)
    seconds = np.zeros((2, 2))
    for number, first in enumerate(range(0, len(paths), BLOCK)):
        for side in (0, 1) if number % 2 else (1, 0):
            started, worked = time.perf_counter(), time.process_time()
            for path in paths[first : first + BLOCK]:
                sides[side](path)
            seconds[side] += time.perf_counter() - started, time.process_time() - worked
    return seconds / len(paths)


def with_more(folder: Path, clips: int) -> list[tuple[float, float]]:
    """Seconds that processors worked from scratch and after 1 % more: of the stage, and of all that DVC runs for it.

    folder : a study of so many clips
    """
    used = []
    for numbers in (range(0), range(clips, clips + clips // 100)):
        write_sounds(folder / "sounds", numbers)
        started = processors()
        run("dvc", "repro", "-q", "check", "augment", cwd=folder)
        before = processors()
        said = run("dvc", "repro", "-s", STAGE, cwd=folder)
        print(*(line for line in said.splitlines() if "as before" in line), sep="\n", flush=True)
        used.append((processors() - before, processors() - started))
    return used


def main(count: str = "10000", model: str | None = None, rate: str = str(RATE), sounds: str = "") -> None:
    clips = int(count)
    if model is not None:
        paths = sorted(map(str, Path(sounds).rglob("*.wav")))
        tell(compared(paths[:: max(1, len(paths) // clips)][:clips], model, int(rate)))
        return
    with tempfile.TemporaryDirectory() as place:
        folder = clone(Path(place))
        (folder / "weights").mkdir(exist_ok=True)
        write_model(folder / MODEL)
        write_sounds(folder / "sounds", range(clips))
        tell(compared(sorted(map(str, folder.glob("sounds/*/*.wav"))), str(folder / MODEL), RATE))
        set_params(folder, **STUDY)
        afresh, again = with_more(folder, clips)
        print(f"{STAGE}, from scratch: {1e3 * afresh[0] / clips:.2f} ms of processors an item")
        for name, old, new in zip(("the stage", "all that DVC runs for it"), afresh, again, strict=True):
            print(f"1 % of {clips:,} added, {name}: {new:.1f} of {old:.1f} s worked, {new / old:.1%}")


def tell(seconds: NDArray[np.float64]) -> None:
    for (own, bare_s), what in zip(1e3 * seconds.T, ("passed", "worked"), strict=True):
        print(
            f"{own:.2f} ms {what} a clip, the bare runtime {bare_s:.2f}: {own / bare_s:.3f} × its time (target 1.1)",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
